#include <CLI/App.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "ctl/command.h"
#include "ctl/daemon.h"
#include "ctl/json_text.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

// Of the daemon: a clock that goes wrong here does not make "in 5m" of "5m ago".
Time NowOf(const Json& status) { return TimeIn(status, "now").value_or(Time{}); }

constexpr size_t kMostRemarks = 20;

std::string Title(const std::string& title) { return "\n" + title + "\n"; }

// An open anomaly first, whatever the daemon's own state: "1 critical for 2m".
std::string Headline(const Json& status, Time now) {
  const Json& health = Member(status, "health");
  const Json& headline = Member(status, "headline");
  std::string out = "aiops_exporter " + TextOf(status, "version") + ": " + TextOf(headline, "what");
  if (const auto since = TimeIn(headline, "since")) out += " for " + Span(now - *since);
  if (Member(headline, "until").is_string()) out += ", judges " + AgoOf(headline, "until", now);
  out += "\nStarted " + AgoOf(status, "started_at", now) + ", last round " +
         AgoOf(Member(status, "rounds"), "last", now) + ", daemon " + TextOf(health, "status") +
         "\n";
  if (IsTrue(status, "tryout"))
    out += "This is a try-out: rounds in seconds, a database of its own.\n";
  for (const Json& reason : Member(health, "reasons")) out += "  ! " + TextOf(reason) + "\n";
  return out;
}

// Who reads "all quiet" should know that somebody asked for silence.
std::string Silences(const Json& status, Time now) {
  std::string out;
  for (const Json& s : Member(status, "silences")) {
    const bool named = !Member(s, "entity").is_null(), scoped = !Member(s, "scope").is_null();
    out += "  " + TextOf(s, "kind") + " " + TextOf(s, "id") + " is in force for " +
           (named    ? TextOf(s, "entity")
            : scoped ? "scope " + TextOf(s, "scope")
                     : "everything") +
           ", ends " + AgoOf(s, "ends_at", now) + "\n";
  }
  return out;
}

std::string Mark(bool works, bool fails) { return works ? "✓" : fails ? "✗" : "–"; }

std::string Checklist(const Json& status) {
  const Json& list = Member(status, "checklist");
  if (list.empty()) return "";
  std::string out = Title("Checklist");
  for (const Json& check : list)
    out += "  " + Mark(IsTrue(check, "ok"), TextOf(check, "state") == "fails") + " " +
           TextOf(check, "source") + ": " + TextOf(check, "detail") + "\n";
  return out;
}

// The score that made the verdict, and where the last sample had another: "1.4, now 0.41".
std::string Scores(const Json& entity) {
  const std::string last = ScoreText(entity, "score");
  if (!Member(entity, "learned_score").is_number()) return last;
  const std::string worst = ScoreText(entity, "learned_score");
  return worst == last ? last : worst + ", now " + last;
}

// No score says what a fact does.
std::string VerdictOf(const Json& entity) {
  const Json& learned = Member(entity, "learned");
  const bool by_fact = learned.is_string() && learned != Member(entity, "verdict");
  return TextOf(entity, "verdict") + (by_fact ? " (fact)" : "");
}

// Whose models are trusted, and why or why not: a line for each reason.
std::string Trust(const Json& status) {
  std::map<std::pair<bool, std::string>, std::vector<std::string>> entities;
  for (const Json& e : Member(status, "entities")) {
    const Json& model = Member(e, "model");
    if (Member(model, "because").is_string())
      entities[{IsTrue(model, "trusted"), TextOf(model, "because")}].push_back(TextOf(e, "entity"));
  }
  std::string out;
  for (const auto& [trust, names] : entities) {
    const size_t more = names.size() - 1;
    out += "  " + names.front() + (more == 0 ? "" : " and " + std::to_string(more) + " more") +
           (trust.first ? ": may say critical, for " : ": at most a warning, for ") + trust.second +
           "\n";
  }
  return out.empty() ? "" : Title("Trust in what is learned") + out;
}

std::string TrustOf(const Json& entity) {
  return TextOf(Member(Member(entity, "model"), "trusted"));
}

std::string Entities(const Json& status, Time now) {
  Table table{{"SCOPE", "ENTITY", "VERDICT", "SCORE", "TRUST", "COVERAGE", "JUDGED", "WHY"}, {}};
  for (const Json& e : Member(status, "entities"))
    table.rows.push_back({TextOf(e, "scope"), TextOf(e, "entity"), VerdictOf(e), Scores(e),
                          TrustOf(e), PercentText(e, "coverage"), AgoOf(e, "judged_at", now),
                          Member(e, "reason").is_null() ? "" : TextOf(e, "reason")});
  if (table.rows.empty()) return Title("Entities") + "  none yet\n";
  return Title("Entities") + Render(table, "  ");
}

// What is unusual, and what does not count although it is outside its band.
std::string OutsideTheirBands(const Json& status) {
  Table table{{"ENTITY", "FEATURE", "VALUE", "EXPECTED", "REMARK"}, {}};
  size_t left = 0;
  for (const Json& e : Member(status, "entities"))
    for (const Json& f : Member(e, "features")) {
      if (!Member(f, "remark").is_string()) continue;
      if (table.rows.size() == kMostRemarks)
        ++left;
      else
        table.rows.push_back({TextOf(e, "entity"), TextOf(f, "feature"), ValueText(f), BandText(f),
                              TextOf(f, "remark")});
    }
  if (table.rows.empty()) return "";
  return Title("Outside their bands, or not judged") + Render(table, "  ") +
         (left == 0 ? "" : "  and " + std::to_string(left) + " more\n");
}

std::string OpenAnomalies(const Json& status, Time now) {
  std::string groups;
  for (const Json& g : Member(status, "groups"))
    groups += "  " + TextOf(g, "scope") + ": " + TextOf(g, "text") + "\n";
  Table table{{"ID", "SEVERITY", "ENTITY", "STARTED", "SUMMARY"}, {}};
  for (const Json& a : Member(status, "open_anomalies"))
    table.rows.push_back({TextOf(a, "id"), TextOf(a, "severity"), TextOf(a, "entity"),
                          AgoOf(a, "started_at", now), TextOf(a, "summary")});
  if (table.rows.empty()) return "";
  return Title("Open anomalies") + groups + Render(table, "  ");
}

std::string Collectors(const Json& status, Time now) {
  Table table{{"", "COLLECTOR", "LAST SUCCESS", "NEXT", "PROBLEM"}, {}};
  std::string notes;
  for (const Json& c : Member(status, "collectors")) {
    const bool up = IsTrue(c, "up");
    table.rows.push_back({Mark(up, !Member(c, "error").is_null()), TextOf(c, "name"),
                          AgoOf(c, "last_success", now), AgoOf(c, "next_run", now),
                          up || Member(c, "error").is_null() ? "" : TextOf(c, "error")});
    for (const Json& note : Member(c, "notes"))
      notes += "  " + TextOf(c, "name") + ": " + TextOf(note) + "\n";
  }
  return table.rows.empty() ? "" : Title("Collectors") + Render(table, "  ") + notes;
}

std::string Jobs(const Json& status, Time now) {
  Table table{{"JOB", "SCHEDULE", "LAST RUN", "NEXT", "RESULT"}, {}};
  for (const Json& j : Member(status, "jobs"))
    table.rows.push_back({TextOf(j, "name"), TextOf(j, "schedule"), AgoOf(j, "last_run", now),
                          AgoOf(j, "next_run", now), TextOf(j, "last_result")});
  return table.rows.empty() ? "" : Title("Jobs") + Render(table, "  ");
}

std::string Receivers(const Json& status, Time now) {
  Table table{{"", "RECEIVER", "SENT", "LAST SUCCESS", "PROBLEM"}, {}};
  for (const Json& r : Member(status, "receivers"))
    table.rows.push_back(
        {Mark(IsTrue(r, "up"), !Member(r, "last_error").is_null()), TextOf(r, "name"),
         TextOf(r, "sent"), AgoOf(r, "last_success", now),
         IsTrue(r, "up") || Member(r, "last_error").is_null() ? "" : TextOf(r, "last_error")});
  return Title("Receivers") +
         (table.rows.empty() ? "  none configured: nobody is told\n" : Render(table, "  "));
}

std::string PrintStatus(const Json& status) {
  const Time now = NowOf(status);
  return Headline(status, now) + Silences(status, now) + Checklist(status) + Entities(status, now) +
         Trust(status) + OutsideTheirBands(status) + OpenAnomalies(status, now) +
         Collectors(status, now) + Jobs(status, now) + Receivers(status, now);
}

int ShowStatus(const OnlineOptions& options, CommandLine& line) {
  const DaemonAnswer answer =
      AskDaemon(options, {.path = "/status", .headers = {{"Accept", "application/json"}}}, line);
  if (answer.exit_code != kExitOk) return answer.exit_code;
  const auto json = ParseJson(answer.body);
  if (!json || !Member(*json, "version").is_string()) {
    line.err << "that is not the status of an aiops_exporter: set --web.url\n";
    return kExitFailed;
  }
  line.out << (options.json() ? PrintJson(*json) : AsCalled(PrintStatus(*json), line.call));
  return kExitOk;
}

}  // namespace

void AddStatusCommand(CommandLine& line) {
  auto& command =
      line.Add("status", "Shows sources, verdicts, jobs and receivers of the running daemon.",
               "  aiopsctl status\n"
               "  aiopsctl status --web.url http://server:8100\n"
               "  aiopsctl status --output json | jq '.entities[] | {entity, verdict}'");
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, options] { return ShowStatus(*options, line); });
}

}  // namespace aiops
