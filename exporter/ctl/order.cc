#include "ctl/order.h"

#include <CLI/App.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>

namespace aiops {
namespace {

// The daemon itself waits 30 s for the result before it answers that it goes on.
constexpr auto kPatience = seconds(40);

}  // namespace

std::string BodyOf(std::initializer_list<std::pair<const char*, const std::string&>> members) {
  Json body = Json::object();
  for (const auto& [name, text] : members)
    if (!text.empty()) body[name] = text;
  return body.empty() ? "" : body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

int Order(const OnlineOptions& options, const OrderText& text, CommandLine& line) {
  const auto& [path, body, member, told] = text;
  HttpRequest request{.method = "POST", .path = path, .body = body, .timeout = kPatience};
  if (!body.empty()) request.content_type = "application/json";
  const DaemonAnswer answer = AskDaemon(options, request, line);
  if (answer.exit_code != kExitOk) return answer.exit_code;
  const auto json = ParseJson(answer.body);
  // It takes longer than the daemon waits.
  const bool goes_on = json && !Member(*json, "message").is_null() &&
                       TextOf(*json, "status") == "accepted" && member != "status";
  if (!json || (!goes_on && Member(*json, member.c_str()).is_null())) {
    line.err << "that is not the answer of an aiops_exporter: set --web.url\n";
    return kExitFailed;
  }
  if (options.json())
    line.out << PrintJson(*json);
  else
    line.out << (goes_on ? InCommands(TextOf(*json, "message"), line.call) + ".\n"
                         : told(*json, line.call));
  return kExitOk;
}

int Show(const OnlineOptions& options, const HttpRequest& request, const char* member,
         const std::function<std::string(const Json&)>& print, CommandLine& line) {
  const DaemonAnswer answer = AskDaemon(options, request, line);
  if (answer.exit_code != kExitOk) return answer.exit_code;
  const auto json = ParseJson(answer.body);
  if (!json || !Member(*json, member).is_array()) {
    line.err << "that is not the answer of an aiops_exporter: set --web.url\n";
    return kExitFailed;
  }
  line.out << (options.json() ? PrintJson(*json) : print(*json));
  return kExitOk;
}

CLI::App& AddUnder(CLI::App& parent, const std::string& name, const std::string& help,
                   const std::string& examples) {
  auto* command = parent.add_subcommand(name, help);
  command->footer("Examples:\n" + examples);
  return *command;
}

void AddLimit(CLI::App& command, int& limit) {
  command.add_option("--limit", limit, "At most so many.")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

CLI::Option* AddId(CLI::App& command, const std::string& name, std::int64_t& id,
                   const std::string& thing, const std::string& shown_by) {
  return command
      .add_option(name, id, "Of the " + thing + ", as `aiopsctl " + shown_by + "` shows it.")
      ->check(CLI::Range(std::int64_t{1}, std::numeric_limits<std::int64_t>::max() - 1,
                         "the id of the " + thing));
}

void AddAnomalyId(CLI::App& command, std::int64_t& id) {
  AddId(command, "id", id, "anomaly", "anomalies")->required();
}

}  // namespace aiops
