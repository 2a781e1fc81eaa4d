// The report for people.
#include <algorithm>

#include "ctl/backtest_habit.h"
#include "ctl/backtest_report.h"
#include "ctl/terminal.h"
#include "text/human_number.h"

namespace aiops {
namespace {

// Of rows that nobody would read to their end.
constexpr size_t kMostEpisodes = 200;
constexpr size_t kMostEntities = 50;

std::string OriginLine(const BacktestReport& report) {
  return TerminalText(BacktestOrigin(report)) + "\n";
}

std::vector<std::string> RowOf(const Anomaly& a, const BacktestReport& report) {
  return {report.zone.Format(a.started_at),
          FormatDuration(LastedFor(a, report.outcome)),
          std::string(ToString(a.severity)),
          a.key.scope,
          a.key.entity,
          HumanNumber(a.score, ""),
          a.summary};
}

std::string EpisodeTable(const std::vector<const Episode*>& episodes,
                         const BacktestReport& report) {
  Table table{{"TIME", "LASTED", "SEVERITY", "SCOPE", "ENTITY", "SCORE", "REASON"}, {}};
  for (const Episode* episode : episodes) {
    if (table.rows.size() == kMostEpisodes) break;
    table.rows.push_back(RowOf(episode->anomaly, report));
  }
  std::string out = Render(table, "  ");
  if (episodes.size() > kMostEpisodes)
    out += "  and " + std::to_string(episodes.size() - kMostEpisodes) + " more (--json has all)\n";
  return out;
}

std::vector<const Episode*> All(const BacktestOutcome& outcome) {
  std::vector<const Episode*> out;
  for (const Episode& episode : outcome.episodes) out.push_back(&episode);
  return out;
}

std::string HeldBack(const BacktestOutcome& outcome) {
  const Table table = HeldBackTable(outcome);
  return table.rows.empty() ? "" : "\nHeld back\n" + Render(table, "  ");
}

std::string Entities(const BacktestOutcome& outcome) {
  Table table = EntityTable(outcome);
  const size_t all = table.rows.size();
  table.rows.resize(std::min(all, kMostEntities));
  std::string out = "\nEntities\n" + Render(table, "  ");
  if (all > kMostEntities)
    out += "  and " + std::to_string(all - kMostEntities) + " more (--json has all)\n";
  return out;
}

std::string Notes(const std::vector<std::string>& notes) {
  std::string out;
  for (const auto& note : notes) out += "  ! " + TerminalText(note) + "\n";
  return out.empty() ? "" : "\nBeware\n" + out;
}

std::string HabitsOf(const BacktestReport& report) {
  std::string out;
  for (const auto& text : HabitTexts(Habits(report.outcome, report.zone)))
    out += "  " + TerminalText(text) + ".\n";
  return out.empty() ? out : "\n" + out;
}

std::string Side(const BacktestReport& report, const std::string& name) {
  return name + ": " + BacktestHeadline(report) + "\n   " + OriginLine(report);
}

std::string OnlyIn(const std::string& name, const std::vector<const Episode*>& episodes,
                   const BacktestReport& report) {
  if (episodes.empty()) return "\nOnly in " + name + ": nothing\n";
  return "\nOnly in " + name + ": " + std::to_string(episodes.size()) + "\n" +
         EpisodeTable(episodes, report);
}

}  // namespace

std::string BacktestText(const BacktestReport& report) {
  std::string out = BacktestHeadline(report) + "\n" + OriginLine(report);
  if (!report.outcome.episodes.empty()) out += "\n" + EpisodeTable(All(report.outcome), report);
  return out + HabitsOf(report) + HeldBack(report.outcome) + Entities(report.outcome) +
         Notes(report.notes);
}

std::string BacktestText(const BacktestReport& first, const BacktestReport& second) {
  const EpisodeMatch match = Match(first.outcome, second.outcome);
  std::string out = Side(first, "A") + Side(second, "B") + "\n" +
                    Render(CountsTable(first.outcome, second.outcome), "  ") +
                    "\nEpisodes of A that B tells, too: " + std::to_string(match.both) + "\n";
  out += OnlyIn("A", match.only_first, first);
  out += OnlyIn("B", match.only_second, second);
  return out + Notes(first.notes) + (second.notes == first.notes ? "" : Notes(second.notes));
}

}  // namespace aiops
