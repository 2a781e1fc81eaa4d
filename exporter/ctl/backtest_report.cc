#include "ctl/backtest_report.h"

#include <algorithm>
#include <map>

#include "pipeline/why.h"
#include "text/human_number.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr double kPoorCoverage = 0.9;
constexpr size_t kMostNamed = 5;

std::string Percent(size_t part, size_t whole) {
  return std::to_string(whole == 0 ? 0 : part * 100 / whole) + " %";
}

// "nas, db and 3 more"
std::string Names(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), kMostNamed); ++i)
    out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMostNamed)
    out += " and " + std::to_string(names.size() - kMostNamed) + " more";
  return Sanitize(out, 400);
}

void NoteMissingFeatures(const BacktestOutcome& outcome, std::vector<std::string>& notes) {
  for (const EntityOutcome& entity : outcome.entities) {
    for (size_t f = 0; f < entity.features.size(); ++f) {
      const std::string what = entity.features[f].name + " of " + Sanitize(entity.key.entity, 80);
      if (entity.present[f] == 0)
        notes.push_back(what +
                        " had no value at all: ask Prometheus for its expr (check-config tells "
                        "the features); is its exporter scraped?");
      else if (static_cast<double>(entity.present[f]) <
               kPoorCoverage * static_cast<double>(entity.judged))
        notes.push_back(what + " had a value in only " + Percent(entity.present[f], entity.judged) +
                        " of the samples");
      if (notes.size() > 4 * kMostNamed) return;
    }
  }
}

void NoteModels(const BacktestOutcome& outcome, std::vector<std::string>& notes) {
  std::vector<std::string> without, young;
  std::string why;
  for (const EntityOutcome& entity : outcome.entities) {
    if (entity.model_rows == 0) {
      without.push_back(entity.key.entity);
      why = entity.untrained;
    } else if (!entity.trusted) {
      young.push_back(entity.key.entity);
    }
  }
  if (!without.empty())
    notes.push_back("no model for " + Names(without) + ": " + Sanitize(why, 200) +
                    "; EWMA judged alone, so that most of what a model finds is missing. Begin "
                    "later (--from), so that more history lies before it");
  if (!young.empty())
    notes.push_back("the model of " + Names(young) +
                    " is not trusted (it has seen less than six days, and passed no trial of six "
                    "hours): what would be CRITICAL is told as WARNING, as the daemon does. More "
                    "history before --from changes that");
}

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

}  // namespace

std::vector<std::string> BacktestNotes(const prom::History& history,
                                       const BacktestOutcome& outcome) {
  std::vector<std::string> notes(history.notes.begin(), history.notes.end());
  if (outcome.entities.empty()) return notes;
  NoteMissingFeatures(outcome, notes);
  const size_t unknown = outcome.unknown(), samples = outcome.samples();
  if (unknown * 10 > samples)
    notes.push_back(Percent(unknown, samples) +
                    " of the samples have no verdict: too few features had values, or warming up; "
                    "quiet there means nothing");
  NoteModels(outcome, notes);
  return notes;
}

EpisodeMatch Match(const BacktestOutcome& first, const BacktestOutcome& second) {
  EpisodeMatch match{Without(first.episodes, second.episodes),
                     Without(second.episodes, first.episodes), 0};
  match.both = first.episodes.size() - match.only_first.size();
  return match;
}

std::string SpanText(Duration span) {
  const auto days = span / hours(24);
  if (days >= 2 && span - days * hours(24) < hours(1)) return std::to_string(days) + " days";
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
  const std::string span = SpanText(o.range.to - o.range.from);
  const bool last = report.now - o.range.to < hours(1);
  const std::string begin =
      last ? "The last " + span : "The " + span + " up to " + report.zone.Format(o.range.to);
  if (o.episodes.empty()) return begin + " with this configuration: nothing to tell, no message.";
  std::string what;
  if (o.critical > 0) what = std::to_string(o.critical) + " critical";
  if (o.warning > 0) what += (what.empty() ? "" : ", ") + CountText(o.warning, "warning");
  return begin + " with this configuration: " + what + " in " + CountText(o.messages, "message") +
         ".";
}

std::string BacktestOrigin(const BacktestReport& report) {
  const BacktestRange& range = report.outcome.range;
  return report.url + ", " + report.configuration + "; trained on up to " +
         SpanText(range.train_for) + " before " + report.zone.Format(range.train_until) +
         ", judged from " + report.zone.Format(range.from) + " to " + report.zone.Format(range.to) +
         ", times in " + report.zone.name();
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
    const std::string model = e.model_rows == 0 ? "none"
                                                : std::to_string(e.model_rows) + " samples" +
                                                      (e.trusted ? "" : ", not trusted yet");
    table.rows.push_back(
        {e.key.scope, e.key.entity, std::to_string(e.judged), std::to_string(e.unknown), model});
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
