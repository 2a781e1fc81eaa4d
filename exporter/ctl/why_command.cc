// What the daemon remembers: why (of one moment) and audit (who asked for what).
#include <CLI/App.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/daemon.h"
#include "ctl/json_text.h"
#include "ctl/moment.h"
#include "ctl/order.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

struct WhyOptions {
  std::string entity;
  std::string at;
  std::string scope;
};

// "disk_io 31.7 %, memory_percent 16.5 %"
std::string Mainly(const Json& judgement) {
  std::vector<std::string> features;
  for (const Json& f : Member(judgement, "features"))
    features.push_back(TextOf(f, "feature") + " " + ValueText(f));
  return JoinOr(features, "-");
}

std::string PrintWhy(const Json& answer, const Invocation& call) {
  std::string out = TextOf(answer, "entity") + " at " + MomentText(answer, "at") + "\n";
  for (const Json& scope : Member(answer, "scopes")) {
    out += "\n" + TextOf(scope, "scope") + ": " + AsCalled(TextOf(scope, "words"), call) + "\n";
    Table table{{"", "TIME (UTC)", "VERDICT", "SCORE", "THRESHOLD", "GATE", "MAINLY"}, {}};
    for (const Json& j : Member(scope, "around"))
      table.rows.push_back({Member(j, "time") == Member(scope, "sampled_at") ? ">" : "",
                            MomentText(j, "time"), TextOf(j, "verdict"), ScoreText(j, "score"),
                            ScoreText(j, "threshold"), TextOf(j, "gate"), Mainly(j)});
    if (!table.rows.empty()) out += Render(table, "  ");
  }
  return out;
}

std::string PrintAudit(const Json& answer) {
  Table table{{"TIME (UTC)", "ACTION", "OBJECT", "BY", "VIA", "FROM", "RESULT", "TEXT"}, {}};
  for (const Json& e : Member(answer, "entries"))
    table.rows.push_back({MomentText(e, "time"), TextOf(e, "action"), TextOf(e, "object"),
                          TextOf(e, "by"), TextOf(e, "via"), TextOf(e, "address"),
                          TextOf(e, "result"), TextOf(e, "text")});
  return table.rows.empty() ? "Nothing yet.\n" : Render(table);
}

int ShowWhy(const WhyOptions& wanted, const OnlineOptions& options, CommandLine& line) {
  std::string query = "entity=" + UrlEncode(wanted.entity);
  if (!wanted.at.empty()) {
    const auto at = ParseMoment(wanted.at, SystemClock().Now(), "--at");
    if (!at) {
      line.err << at.error().message << "\n";
      return kExitUsage;
    }
    query += "&at=" + UrlEncode(FormatTime(*at));
  }
  if (!wanted.scope.empty()) query += "&scope=" + UrlEncode(wanted.scope);
  const auto print = [&](const Json& asked) { return PrintWhy(asked, line.call); };
  return Show(options, {.path = "/why", .query = query}, "scopes", print, line);
}

}  // namespace

void AddWhyCommand(CommandLine& line) {
  auto& command = line.Add("why", "Tells why the daemon was quiet about an entity, or not.",
                           "  aiopsctl why nas\n"
                           "  aiopsctl why nas --at 2h\n"
                           "  aiopsctl why nas --at 2026-11-23T03:12:00+09:00");
  const auto wanted = std::make_shared<WhyOptions>();
  command.add_option("entity", wanted->entity, "As `aiopsctl status` shows it.")->required();
  command.add_option(
      "--at", wanted->at,
      "The moment, or how long ago it was; else when it was judged last, or its newest sample.");
  command.add_option("--scope", wanted->scope, "Only in this scope.");
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, wanted, options] { return ShowWhy(*wanted, *options, line); });
}

void AddAuditCommand(CommandLine& line) {
  auto& command =
      line.Add("audit", "Lists who asked for what, newest first.", "  aiopsctl audit --hours 720");
  const auto back = std::make_shared<int>(24 * 7);
  command.add_option("--hours", *back, "Of the last so many hours.")
      ->check(CLI::Range(1, 24 * 366 * 5))
      ->capture_default_str();
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, back, options] {
    const std::string query = "limit=1000&hours=" + std::to_string(*back);
    return Show(*options, {.path = "/audit", .query = query}, "entries", PrintAudit, line);
  });
}

}  // namespace aiops
