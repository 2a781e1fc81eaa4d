// What makes the outcome of a backtest worth less, and how to cure it.
#include <algorithm>

#include "ctl/backtest_report.h"
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

void NoteBegin(const BacktestOutcome& outcome, const TimeZone& zone,
               std::vector<std::string>& notes) {
  if (outcome.begins_late())
    notes.push_back("there is no value before " + zone.Format(outcome.data_from) +
                    ", though --from is " + zone.Format(outcome.range.from) +
                    ": nothing was left to train a model before what is judged. Choose a later "
                    "--from: what lies before it trains");
}

// The span in which most samples were judged without the model that came later.
void NoteLateModels(const BacktestOutcome& outcome, std::vector<std::string>& notes) {
  std::vector<std::string> late;
  Duration longest{};
  for (const EntityOutcome& entity : outcome.entities) {
    if (entity.model_rows == 0 || entity.without_model == 0) continue;
    late.push_back(entity.key.entity);
    longest = std::max(longest, entity.without_model_for());
  }
  if (!late.empty())
    notes.push_back("the first " + SpanText(longest) + " of " + Names(late) +
                    " were judged without a model, by EWMA alone: what they told, or did not, says "
                    "little about the days after them");
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
  NoteLateModels(outcome, notes);
  if (!young.empty())
    notes.push_back("the model of " + Names(young) +
                    " is not trusted (it has seen less than six days, and passed no trial of six "
                    "hours): what would be CRITICAL is told as WARNING, as the daemon does. More "
                    "history before --from changes that");
}

}  // namespace

std::vector<std::string> BacktestNotes(const prom::History& history, const BacktestOutcome& outcome,
                                       const TimeZone& zone) {
  std::vector<std::string> notes(history.notes.begin(), history.notes.end());
  if (outcome.entities.empty()) return notes;
  NoteBegin(outcome, zone, notes);
  NoteMissingFeatures(outcome, notes);
  const size_t unknown = outcome.unknown(), samples = outcome.samples();
  if (unknown * 10 > samples)
    notes.push_back(Percent(unknown, samples) +
                    " of the samples have no verdict: too few features had values, or warming up; "
                    "quiet there means nothing");
  NoteModels(outcome, notes);
  return notes;
}

}  // namespace aiops
