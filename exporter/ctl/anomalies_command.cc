#include <CLI/App.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/daemon.h"
#include "ctl/json_text.h"
#include "ctl/order.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

struct AnomaliesOptions {
  int hours = 24;
  int limit = 100;
  bool all = false;
  std::string entity;
  std::string state;
};

// More than anybody reads, and an end to a daemon that never comes to one.
constexpr int kMostPages = 1000;

std::string QueryOf(const AnomaliesOptions& options) {
  std::string query =
      "hours=" + std::to_string(options.hours) + "&limit=" + std::to_string(options.limit);
  if (!options.entity.empty()) query += "&entity=" + UrlEncode(options.entity);
  if (!options.state.empty()) query += "&state=" + options.state;
  return query;
}

// "closed", "closed, expected"
std::string StateOf(const Json& anomaly) {
  const bool marked = Member(anomaly, "mark").is_string();
  return TextOf(anomaly, "state") + (marked ? ", " + TextOf(anomaly, "mark") : "");
}

std::string Nothing(const AnomaliesOptions& o) {
  return "No " + (o.state.empty() ? "" : o.state + " ") + "anomalies" +
         (o.entity.empty() ? "" : " of " + TerminalText(o.entity)) + " in the last " +
         std::to_string(o.hours) + " hours.\n";
}

// "cpu_percent +2", "container_down web": what it is about, shortly.
std::string Subject(const Json& anomaly) {
  if (Member(anomaly, "fact").is_string()) {
    const bool object = Member(anomaly, "object").is_string();
    return TextOf(anomaly, "fact") + (object ? " " + TextOf(anomaly, "object") : "");
  }
  const Json& contributions = Member(anomaly, "contributions");
  if (!contributions.is_array() || contributions.empty()) return "-";
  const size_t others = contributions.size() - 1;
  return TextOf(contributions.front(), "feature") +
         (others == 0 ? "" : " +" + std::to_string(others));
}

std::string PrintAnomalies(const Json& list, Time now) {
  Table table{
      {"ID", "STATE", "SEVERITY", "SCOPE", "ENTITY", "WHAT", "STARTED", "ENDED", "ACK", "SUMMARY"},
      {}};
  for (const Json& a : list)
    table.rows.push_back(
        {TextOf(a, "id"), StateOf(a), TextOf(a, "severity"), TextOf(a, "scope"),
         TextOf(a, "entity"), Subject(a), AgoOf(a, "started_at", now), AgoOf(a, "ended_at", now),
         Member(a, "acknowledged_at").is_null() ? "-" : "yes", TextOf(a, "summary")});
  return Render(table);
}

// Adds one page to `list`; `next` is the cursor, and afterwards that of the page behind.
int AddPage(const AnomaliesOptions& wanted, const OnlineOptions& options, CommandLine& line,
            Json& list, Json& next) {
  std::string query = QueryOf(wanted);
  if (next.is_string()) query += "&cursor=" + UrlEncode(next.get_ref<const std::string&>());
  const DaemonAnswer answer = AskDaemon(options, {.path = "/anomalies", .query = query}, line);
  if (answer.exit_code != kExitOk) return answer.exit_code;
  const auto json = ParseJson(answer.body);
  if (!json || !Member(*json, "anomalies").is_array()) {
    line.err << "that is not the answer of an aiops_exporter: set --web.url\n";
    return kExitFailed;
  }
  for (const Json& anomaly : Member(*json, "anomalies")) list.push_back(anomaly);
  next = Member(*json, "next");
  return kExitOk;
}

int ShowAnomalies(const AnomaliesOptions& wanted, const OnlineOptions& options, CommandLine& line) {
  Json list = Json::array(), next;
  int pages = 0;
  do {
    if (const int failed = AddPage(wanted, options, line, list, next); failed != kExitOk)
      return failed;
  } while (wanted.all && next.is_string() && ++pages < kMostPages);
  if (options.json())
    line.out << PrintJson({{"anomalies", list}, {"next", next}});
  else if (list.empty())
    line.out << Nothing(wanted);
  else
    line.out << PrintAnomalies(list, SystemClock().Now());
  if (!options.json() && !next.is_null()) line.out << "There are more: raise --limit, or --all.\n";
  return kExitOk;
}

}  // namespace

void AddAnomaliesCommand(CommandLine& line) {
  auto& command = line.Add("anomalies", "Lists anomalies, newest first.",
                           "  aiopsctl anomalies\n"
                           "  aiopsctl anomalies --hours 168 --entity web1\n"
                           "  aiopsctl anomalies --state open --output json");
  const auto wanted = std::make_shared<AnomaliesOptions>();
  const auto options = AddOnlineOptions(command);
  command.add_option("--hours", wanted->hours, "Open, or last seen within so many hours.")
      ->check(CLI::Range(1, 24 * 366 * 5))
      ->capture_default_str();
  AddLimit(command, wanted->limit);
  command.add_flag("--all", wanted->all, "All of them, in requests of --limit.");
  command.add_option("--entity", wanted->entity, "Only of this entity.");
  command.add_option("--state", wanted->state, "Only those that are so.")
      ->check(CLI::IsMember({"open", "closed", "acknowledged", "unacknowledged"}));
  line.Run(command, [&line, wanted, options] { return ShowAnomalies(*wanted, *options, line); });
}

}  // namespace aiops
