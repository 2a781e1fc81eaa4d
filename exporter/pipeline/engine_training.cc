// How the engine's models are trained, tried and taken over.
#include <algorithm>

#include "base/log.h"
#include "pipeline/engine.h"

namespace aiops {
namespace {

constexpr std::uint32_t kUntrained =
    kPartial | kMaintenance | kMuted | kConfirmedReal | kLowCoverage;
// Share of samples in alert that a new model may show, whatever the one in use did. The plain
// forest alerts by construction.
constexpr double kMostAlarms = 0.05;
constexpr double kPlainAlarms = 4;       // times the contamination
constexpr std::ptrdiff_t kBefore = 240;  // samples before an incident that memories settle on
constexpr size_t kMostIncidents = 20;    // the newest are tried

// How a model of these rows without those held out does on them.
Trial TrialOf(const Engine::TrainingSet& set) {
  if (set.held == 0) return {};
  const auto alerts = AlertsOnHeldOut(set.rows, set.held);
  if (!alerts) return {};  // the fit itself will tell
  const bool plain = set.rows.options.mode == DetectorMode::kPlain;
  const double share = plain ? kPlainAlarms * set.rows.options.forest.contamination : kMostAlarms;
  Trial trial{set.held, *alerts, std::nullopt, false};
  if (!set.first) trial.alerts_in_use = set.alerts;
  trial.passed = static_cast<double>(*alerts) <= share * static_cast<double>(set.held);
  return trial;
}

// Why a model with that trial should not replace the one in use; empty: there is no reason.
std::string Objection(const Trial& trial) {
  if (trial.rows == 0 || trial.passed || !trial.alerts_in_use) return "";
  if (trial.alerts <= 2 * *trial.alerts_in_use) return "";
  return "on the newest " + std::to_string(trial.rows) +
         " samples, which it had not seen, it would have alerted about " +
         std::to_string(trial.alerts) +
         " (the model in use: " + std::to_string(*trial.alerts_in_use) + ")";
}

// Of a sample that is left out: the first reason, in the order of Exclusion.
Exclusion ReasonOf(std::uint32_t flags) {
  if (flags & kMaintenance) return Exclusion::kMaintenance;
  if (flags & kMuted) return Exclusion::kMute;
  if (flags & kConfirmedReal) return Exclusion::kConfirmedReal;
  return flags & kLowCoverage ? Exclusion::kLowCoverage : Exclusion::kPartial;
}

ModelRecord RecordOf(const Engine::TrainingSet& set) {
  ModelRecord record;
  record.key = set.key;
  record.rows = set.rows.size();
  record.first_sample = set.rows.moments.front().time;
  record.last_sample = set.rows.moments.back().time;
  record.excluded = set.excluded;
  return record;
}

Trained NotTaken(ModelRecord record, ModelState state, std::string reason) {
  record.state = state;
  record.reason = std::move(reason);
  return {std::move(record), nullptr, {}};
}

bool Alerted(const Judgement& judgement) {
  return judgement.verdict >= Verdict::kWarning && judgement.gate == Gate::kNone;
}

// Which incident, that was seen and still is by the model in use, this one does not see; or empty.
std::string Blindness(const Engine::TrainingSet& set, const Detector& fitted) {
  if (set.incidents.empty()) return "";
  const std::string model = fitted.SnapshotModel();
  for (const Incident& incident : set.incidents) {
    if (Sees(model, incident) || (!set.in_use.empty() && !Sees(set.in_use, incident))) continue;
    return "it would not have seen the incident of " +
           FormatTime(incident.rows.moments[incident.before].time) +
           ", which was confirmed as real";
  }
  return "";
}

}  // namespace

void Engine::LearnHistory(Time now) {
  if (const auto learned = judge_.LearnAgain(now); !learned)
    LogWarn("the history that was read is not learned; the next start does it",
            {{"err", learned.error().message}});
}

// A first model learns from all history that was read.
Duration Engine::TrainingWindow(const EntityKey& key) const {
  const Duration window = config_.detect.forest.window;
  return judge_.entities().at(key).detector->model().present
             ? window
             : std::max(window, config_.collect.backfill);
}

// All that can be read, in the order of the scope's features today.
std::vector<Sample> Engine::TrainingWindowOf(const EntityKey& key, const Scope& scope, Time now) {
  auto samples = store_.ReadSamples({key, now - TrainingWindow(key), now, std::nullopt, 0});
  if (!samples) {
    LogWarn("cannot read the training samples", {{"err", samples.error().message}});
    return {};
  }
  std::erase_if(*samples, [&](Sample& sample) { return !judge_.Project(sample, scope); });
  return *std::move(samples);
}

// Those that no judgement alerted about (a fact, say) no model can be asked to see.
std::vector<Incident> Engine::Incidents(const EntityKey& key, const std::vector<Sample>& window,
                                        const DetectorOptions& options) const {
  std::vector<Incident> out;
  const auto real = [](const Sample& s) { return (s.flags & kConfirmedReal) != 0; };
  for (auto at = std::find_if(window.begin(), window.end(), real); at != window.end();) {
    auto end = at;
    while (end != window.end() && real(*end)) ++end;
    const auto judged = store_.ReadJudgements(key, {at->time, std::prev(end)->time});
    if (judged && std::any_of(judged->begin(), judged->end(), Alerted)) {
      Incident incident{{options, {}, {}}, 0};
      auto from = at - std::min(at - window.begin(), kBefore);
      for (; from != at; ++from) {
        if ((from->flags & kUntrained) != 0) continue;
        incident.rows.Add(*from, config_.timezone);
        ++incident.before;
      }
      for (auto each = at; each != end; ++each) incident.rows.Add(*each, config_.timezone);
      out.push_back(std::move(incident));
    }
    at = std::find_if(end, window.end(), real);
  }
  if (out.size() > kMostIncidents)
    out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(kMostIncidents));
  return out;
}

std::vector<Engine::TrainingSet> Engine::TrainingSets(Time now, std::span<const EntityKey> of,
                                                      size_t* best) {
  std::vector<TrainingSet> out;
  for (const EntityKey& key : of) {
    const auto found = judge_.entities().find(key);
    if (found == judge_.entities().end()) continue;  // forgotten since
    const EntityState& entity = found->second;
    const auto window = TrainingWindowOf(key, *entity.scope, now);
    std::vector<const Sample*> samples;
    Exclusions excluded{};
    for (const Sample& sample : window) {
      if ((sample.flags & kUntrained) == 0)
        samples.push_back(&sample);
      else
        ++excluded[static_cast<size_t>(ReasonOf(sample.flags))];
    }
    *best = std::max(*best, samples.size());
    if (samples.size() < static_cast<size_t>(config_.detect.forest.min_samples)) continue;
    TrainingSet set{key, {judge_.OptionsFor(*entity.scope), {}, {}}, 0, 0, {}, {}, excluded};
    if (judge_.SharesForest(*entity.scope))
      set.rows.options.calibrated.forest = judge_.ForestOf(*entity.scope);
    // Their flags let them pass: of the past only the features that it can have are counted.
    set.rows.options.min_coverage = 0;
    set.rows.values.reserve(samples.size() * entity.scope->features.size());
    for (const Sample* sample : samples) set.rows.Add(*sample, config_.timezone);
    set.incidents = Incidents(key, window, set.rows.options);
    if (!set.incidents.empty()) set.in_use = entity.detector->SnapshotModel();
    HoldOut(entity, set);
    out.push_back(std::move(set));
  }
  return out;
}

std::vector<EntityKey> Engine::Trainable() const {
  std::vector<EntityKey> out;
  for (const auto& [key, entity] : judge_.entities()) out.push_back(key);
  return out;
}

std::vector<const Scope*> Engine::ScopesThatShare() const {
  std::vector<const Scope*> out;
  for (const Scope& scope : config_.scopes)
    if (judge_.SharesForest(scope)) out.push_back(&scope);
  return out;
}

void Engine::AdoptForest(const Scope& scope, std::shared_ptr<const SharedForest> forest, Time now) {
  LogInfo("entities share a new forest", {{"scope", scope.name}});
  Changes changes;
  judge_.AdoptForest(scope, std::move(forest), now, changes);
  Commit(std::move(changes));
}

// A day of them, or a fifth.
void Engine::HoldOut(const EntityState& entity, TrainingSet& set) const {
  set.first = !entity.detector->model().present;
  const auto day = hours(24) / std::max(entity.scope->interval, Duration(1));
  set.held = std::min(static_cast<size_t>(day), set.rows.size() / 5);
  if (set.held == 0 || set.first) return;
  const auto& moments = set.rows.moments;
  const auto judged = store_.ReadJudgements(
      set.key, {moments[moments.size() - set.held].time, moments.back().time});
  if (!judged) return;
  // Of those that were held back no row is held out.
  set.alerts = static_cast<size_t>(std::count_if(judged->begin(), judged->end(), Alerted));
}

Trained Engine::Fit(TrainingSet set) {
  ModelRecord record = RecordOf(set);
  record.trial = TrialOf(set);
  if (std::string objection = Objection(record.trial); !objection.empty())
    return NotTaken(std::move(record), ModelState::kRefused, std::move(objection));
  auto fitted = FitDetector(set.rows);
  if (!fitted) return NotTaken(std::move(record), ModelState::kFailed, fitted.error().message);
  if (std::string blind = Blindness(set, **fitted); !blind.empty())
    return NotTaken(std::move(record), ModelState::kRefused, std::move(blind));
  return {std::move(record), *std::move(fitted), {}};
}

void Engine::Adopt(Trained trained, Time now) {
  last_training_ = trained.duration;
  ModelRecord& record = trained.record;
  const EntityKey key = record.key;
  record.trained_at = now;
  record.schema = SchemaHash(*judge_.FindScope(record.key.scope));
  const std::string result(trained.detector ? "adopted" : ToString(record.state));
  ++trainings_total_[{record.key.scope, result}];
  Changes changes;
  changes.earlier_models = EarlierModels();
  if (trained.detector == nullptr) {
    LogWarn("no new model: the old one stays",
            {{"entity", record.key.entity}, {"result", result}, {"err", record.reason}});
    changes.models.push_back({std::move(record), {}});
  } else if (auto model = judge_.Adopt(key, *trained.detector, record)) {
    LogInfo("a new model judges", {{"entity", record.key.entity}, {"rows", record.rows}});
    changes.models.push_back(*std::move(model));
    if (auto state = judge_.Snapshot(key)) changes.state.push_back(*std::move(state));
  }
  Commit(std::move(changes));
}

}  // namespace aiops
