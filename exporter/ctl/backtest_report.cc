#include "ctl/backtest_report.h"

#include <algorithm>
#include <map>

#include "pipeline/why.h"
#include "text/human_number.h"

namespace aiops {
namespace {

bool Overlap(const Anomaly& a, const Anomaly& b) {
  return a.key == b.key && a.started_at <= b.last_seen_at && b.started_at <= a.last_seen_at;
}

std::vector<const Episode*> Without(const std::vector<Episode>& these,
                                    const std::vector<Episode>& those) {
  std::vector<const Episode*> out;
  for (const Episode& episode : these)
    if (std::none_of(those.begin(), those.end(),
                     [&](const Episode& other) { return Overlap(episode.anomaly, other.anomaly); }))
      out.push_back(&episode);
  return out;
}

std::string ModelText(const EntityOutcome& entity) {
  if (entity.model_rows == 0) return "none";
  std::string out = std::to_string(entity.model_rows) + " samples";
  if (!entity.trusted) out += ", not trusted yet";
  if (entity.without_model > 0)
    out += ", none in the first " + SpanText(entity.without_model_for());
  return out;
}

// What trained the first model.
std::string Training(const BacktestOutcome& outcome, const TimeZone& zone) {
  const BacktestRange& range = outcome.range;
  const Time begin = std::max(range.train_until - range.train_for, outcome.data_from);
  if (begin >= range.train_until) return "no history to train on";
  return "trained on the " + SpanText(range.train_until - begin) + " before " +
         zone.Format(range.train_until);
}

}  // namespace

EpisodeMatch Match(const BacktestOutcome& first, const BacktestOutcome& second) {
  EpisodeMatch match{Without(first.episodes, second.episodes),
                     Without(second.episodes, first.episodes), 0};
  match.both = first.episodes.size() - match.only_first.size();
  return match;
}

std::string SpanText(Duration span) {
  constexpr Duration kDay = hours(24);
  const auto days = span / kDay;
  if (days >= 3) return std::to_string((span + kDay / 2) / kDay) + " days";
  if (days == 2 && span % kDay < hours(1)) return "2 days";
  if (span >= hours(3)) return std::to_string(span / hours(1)) + " hours";
  return FormatDuration(std::chrono::floor<seconds>(span));
}

Duration LastedFor(const Anomaly& anomaly, const BacktestOutcome& outcome) {
  Duration interval{};
  for (const EntityOutcome& entity : outcome.entities)
    if (entity.key == anomaly.key) interval = entity.interval;
  return anomaly.last_seen_at - anomaly.started_at + interval;
}

std::string BacktestHeadline(const BacktestReport& report) {
  const BacktestOutcome& o = report.outcome;
  const std::string span = SpanText(o.range.to - o.judged_from());
  const bool last = report.now - o.range.to < hours(1);
  std::string begin =
      last ? "The last " + span : "The " + span + " up to " + report.zone.Format(o.range.to);
  if (o.begins_late())
    begin += ", all that there is of the " + SpanText(o.range.to - o.range.from) + " asked for,";
  begin += " with this configuration: ";
  if (o.episodes.empty()) return begin + "nothing to tell, no message.";
  std::string what;
  if (o.critical > 0) what = std::to_string(o.critical) + " critical";
  if (o.warning > 0) what += (what.empty() ? "" : ", ") + CountText(o.warning, "warning");
  return begin + what + " in " + CountText(o.messages, "message") + ".";
}

std::string BacktestOrigin(const BacktestReport& report) {
  const BacktestOutcome& o = report.outcome;
  return report.url + ", " + report.configuration + "; " + Training(o, report.zone) +
         ", judged from " + report.zone.Format(o.judged_from()) + " to " +
         report.zone.Format(o.range.to) + ", times in " + report.zone.name();
}

Table HeldBackTable(const BacktestOutcome& outcome) {
  Table table{{"WHAT", "SAMPLES", "WHY"}, {}};
  for (const auto& [gate, samples] : outcome.gates)
    table.rows.push_back(
        {std::string(ToString(gate)), std::to_string(samples), std::string(GateReason(gate))});
  if (outcome.log_only > 0)
    table.rows.push_back({"log_only", std::to_string(outcome.log_only),
                          "one feature alone was unusual, which is logged and not told"});
  return table;
}

Table EntityTable(const BacktestOutcome& outcome) {
  Table table{{"SCOPE", "ENTITY", "SAMPLES", "UNKNOWN", "MODEL"}, {}};
  for (const EntityOutcome& e : outcome.entities) {
    table.rows.push_back({e.key.scope, e.key.entity, std::to_string(e.judged),
                          std::to_string(e.unknown), ModelText(e)});
  }
  return table;
}

Table CountsTable(const BacktestOutcome& first, const BacktestOutcome& second) {
  Table table{{"", "A", "B"}, {}};
  const auto row = [&](const std::string& name, size_t a, size_t b) {
    table.rows.push_back({name, std::to_string(a), std::to_string(b)});
  };
  row("critical", first.critical, second.critical);
  row("warnings", first.warning, second.warning);
  row("messages", first.messages, second.messages);
  row("log_only samples", first.log_only, second.log_only);
  row("unknown samples", first.unknown(), second.unknown());
  std::map<Gate, std::pair<size_t, size_t>> gates;
  for (const auto& [gate, samples] : first.gates) gates[gate].first = samples;
  for (const auto& [gate, samples] : second.gates) gates[gate].second = samples;
  for (const auto& [gate, samples] : gates)
    row("held back by " + std::string(ToString(gate)), samples.first, samples.second);
  return table;
}

}  // namespace aiops
