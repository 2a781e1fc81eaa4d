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
constexpr double kPlainAlarms = 4;  // times the contamination

// Why a model of these rows should not replace the one in use; empty: there is no reason.
std::string Objection(const Engine::TrainingSet& set) {
  if (set.held == 0) return "";
  const auto alerts = AlertsOnHeldOut(set.rows, set.held);
  if (!alerts) return "";  // the fit itself will tell
  const bool plain = set.rows.options.mode == DetectorMode::kPlain;
  const double share = plain ? kPlainAlarms * set.rows.options.forest.contamination : kMostAlarms;
  const double most =
      std::max(share * static_cast<double>(set.held), 2 * static_cast<double>(set.alerts));
  if (static_cast<double>(*alerts) <= most) return "";
  return "on the newest " + std::to_string(set.held) +
         " samples, which it had not seen, it would " + "have alerted about " +
         std::to_string(*alerts) + " (the model in use: " + std::to_string(set.alerts) + ")";
}

}  // namespace

// Those that may train, in the order of the scope's features today.
std::vector<Sample> Engine::TrainingSamples(const EntityKey& key, const Scope& scope, Time now) {
  auto samples =
      store_.ReadSamples({key, now - config_.detect.forest.window, now, std::nullopt, 0});
  if (!samples) {
    LogWarn("cannot read the training samples", {{"err", samples.error().message}});
    return {};
  }
  std::erase_if(*samples, [&](Sample& sample) {
    auto values = judge_.Project(sample, scope);
    if ((sample.flags & kUntrained) != 0 || !values) return true;
    sample.values = std::move(*values);
    return false;
  });
  return *std::move(samples);
}

std::vector<Engine::TrainingSet> Engine::TrainingSets(Time now, size_t* best) {
  std::vector<TrainingSet> out;
  *best = 0;
  for (const auto& [key, entity] : judge_.entities()) {
    const auto samples = TrainingSamples(key, *entity.scope, now);
    *best = std::max(*best, samples.size());
    if (samples.size() < static_cast<size_t>(config_.detect.forest.min_samples)) continue;
    TrainingSet set{key, {DetectorOptionsFor(config_, *entity.scope), {}, {}}, 0, 0};
    set.rows.values.reserve(samples.size() * entity.scope->features.size());
    for (const Sample& sample : samples) set.rows.Add(sample, config_.timezone);
    HoldOut(entity, set);
    out.push_back(std::move(set));
  }
  return out;
}

// A day of them, or a fifth; none where no model is to be replaced.
void Engine::HoldOut(const EntityState& entity, TrainingSet& set) const {
  if (!entity.detector->model().present) return;
  const auto day = hours(24) / std::max(entity.scope->interval, Duration(1));
  set.held = std::min(static_cast<size_t>(day), set.rows.size() / 5);
  if (set.held == 0) return;
  const auto& moments = set.rows.moments;
  const auto judged = store_.ReadJudgements(
      set.key, {moments[moments.size() - set.held].time, moments.back().time});
  if (!judged) return;
  set.alerts = static_cast<size_t>(std::count_if(judged->begin(), judged->end(),
                                                 // Of those that were held back no row is held out.
                                                 [](const Judgement& judgement) {
                                                   return judgement.verdict >= Verdict::kWarning &&
                                                          judgement.gate == Gate::kNone;
                                                 }));
}

Trained Engine::Fit(TrainingSet set) {
  if (std::string objection = Objection(set); !objection.empty())
    return {set.key, nullptr, set.rows.size(), {}, std::move(objection)};
  auto fitted = FitDetector(set.rows);
  Trained out{set.key, nullptr, set.rows.size(), {}, {}};
  if (fitted) {
    out.detector = *std::move(fitted);
  } else {
    out.error = fitted.error().message;
  }
  return out;
}

void Engine::Adopt(Trained trained, Time now) {
  last_training_ = trained.duration;
  if (!trained.error.empty()) {
    LogWarn("training failed; the old model stays",
            {{"entity", trained.key.entity}, {"err", trained.error}});
    return;
  }
  Changes changes;
  if (auto blob = judge_.Adopt(trained.key, *trained.detector, now))
    changes.state.push_back(std::move(*blob));
  LogInfo("a new model judges", {{"entity", trained.key.entity}, {"rows", trained.rows}});
  Commit(std::move(changes));
}

}  // namespace aiops
