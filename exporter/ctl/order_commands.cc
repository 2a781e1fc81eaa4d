// What the daemon is told to do: ack, run, train, reload.
#include <CLI/App.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/command.h"
#include "ctl/daemon.h"
#include "ctl/json_text.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

// The daemon itself waits 30 s for the result before it answers that it goes on.
constexpr auto kPatience = seconds(40);

// What to post, what the daemon's answer always holds, and what to say then.
struct OrderText {
  std::string path;
  std::string body;
  std::string member;
  std::string done;
};

int Order(const OnlineOptions& options, const OrderText& text, CommandLine& line) {
  const auto& [path, body, member, done] = text;
  HttpRequest request{.method = "POST", .path = path, .body = body, .timeout = kPatience};
  if (!body.empty()) request.content_type = "application/json";
  const Answer answer = AskDaemon(options, request, line.err);
  if (answer.exit_code != kExitOk) return answer.exit_code;
  const auto json = ParseJson(answer.body);
  const bool accepted = json && TextOf(*json, "status") == "accepted";
  if (!json || (!accepted && Member(*json, member.c_str()).is_null())) {
    line.err << "that is not the answer of an aiops_exporter: set --web.url\n";
    return kExitFailed;
  }
  if (options.json()) {
    line.out << PrintJson(*json);
    return kExitOk;
  }
  if (!accepted) line.out << done << "\n";
  line.out << PrintForPeople(*json);
  return kExitOk;
}

void AddOrder(CommandLine& line, const std::string& name, const std::string& help,
              const OrderText& text) {
  auto& command = line.Add(name, help, "  aiopsctl " + name);
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, options, text] { return Order(*options, text, line); });
}

}  // namespace

void AddAcknowledgeCommand(CommandLine& line) {
  auto& command = line.Add("ack", "Acknowledges an anomaly: somebody takes care.",
                           "  aiopsctl ack 17\n"
                           "  aiopsctl ack 17 --why \"disk is being replaced\"");
  const auto id = std::make_shared<std::int64_t>(0);
  const auto why = std::make_shared<std::string>();
  command.add_option("id", *id, "Of the anomaly, as `aiopsctl anomalies` shows it.")
      ->required()
      ->check(CLI::Range(std::int64_t{1}, std::numeric_limits<std::int64_t>::max() - 1,
                         "the id of an anomaly"));
  command.add_option("--why", *why, "A sentence for the others.");
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, options, id, why] {
    const std::string number = std::to_string(*id);
    const std::string body =
        why->empty() ? ""
                     : Json{{"why", *why}}.dump(-1, ' ', false, Json::error_handler_t::replace);
    return Order(*options,
                 {"/anomalies/" + number + "/acknowledge", body, "acknowledged_at",
                  "Anomaly " + number + " is acknowledged."},
                 line);
  });
}

void AddRunCommand(CommandLine& line) {
  AddOrder(line, "run", "Collects and detects now.", {"/run", "", "verdict", "The round was run."});
}

void AddTrainCommand(CommandLine& line) {
  AddOrder(line, "train", "Fits the models now.",
           {"/train", "", "status", "The models were fitted."});
}

void AddReloadCommand(CommandLine& line) {
  AddOrder(line, "reload", "Makes the daemon read its configuration again.",
           {"/-/reload", "", "status", "The configuration was read again."});
}

}  // namespace aiops
