#include "ctl/backtest_run.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/clock.h"
#include "pipeline/engine.h"
#include "pipeline/training_run.h"

namespace aiops {
namespace {

constexpr Duration kWarningBatch = minutes(15);
constexpr size_t kMostStories = 200;

EngineOptions OptionsFor(const BacktestRange& range) {
  // The first tick that may alert is the one after `from`.
  return {range.from + Duration(1), {{"prometheus", {}}}};
}

Config Prepared(Config config, const BacktestRange& range) {
  config.detect.forest.window = range.train_for;
  return config;
}

class Player {
 public:
  Player(Config config, Store& store, const BacktestRange& range)
      : config_(Prepared(std::move(config), range)),
        store_(store),
        engine_(config_, store, OptionsFor(range),
                [this](const std::vector<Anomaly>& open) { Hear(open); }) {
    out_.range = range;
    step_ = config_.collect.interval;
  }

  Result<BacktestOutcome> Play(const prom::History& history,
                               const std::function<bool(size_t)>& go_on) {
    const Time begin = out_.range.train_until - out_.range.train_for;
    auto it = history.ticks.upper_bound(begin);
    if (it == history.ticks.end()) return Finished();
    out_.data_from = it->first;
    now_ = it->first - step_;
    engine_.Restore(now_);
    size_t done = 0;
    // A tick without any value is one as well: the daemon would have seen nothing.
    for (Time end = FloorTo(it->first - Duration(1), step_) + step_; end <= out_.range.to;
         end += step_) {
      if (!go_on(done++)) return Cancelled("stopped");
      while (it != history.ticks.end() && it->first < end) ++it;
      const bool answered = it != history.ticks.end() && it->first == end;
      Tick(end, answered ? it->second : prom::HistoryTick{});
    }
    Round(now_);
    return Finished();
  }

 private:
  void Tick(Time end, const prom::HistoryTick& tick) {
    if (!trained_ && end > out_.range.train_until) Train(out_.range.train_until);
    while (next_training_ && end > *next_training_) Train(*next_training_);
    now_ = end;
    Collected collected;
    collected.readings = tick.readings;
    collected.partial = tick.partial;
    const aiops::Tick beat{end - step_, end, end};
    std::vector<Answer> answers;
    answers.push_back({0, beat, std::move(collected), {}});
    engine_.OnTick(beat, std::move(answers));
    if (FloorTo(end, config_.detect.interval) == end) Round(end);
  }

  void Round(Time time) {
    for (const Judged& judged : engine_.Round(time).judged)
      if (judged.time > out_.range.from) Take(judged);
    engine_.Housekeep(time);
  }

  void Train(Time time) {
    Round(now_);
    const SystemClock clock;
    TrainingRun run(engine_, clock, time, config_.detect.forest.seed, "backtest");
    while (run.Read()) {
      run.Work({});
      run.Adopt(time, [this](const Trained& trained) {
        if (!trained.detector) untrained_[trained.record.key] = trained.record.reason;
      });
    }
    best_ = std::max(best_, run.best());
    trained_ = true;
    next_training_ = config_.detect.train_schedule.Next(time, config_.timezone);
    LookAtModels();
  }

  EntityOutcome& At(const EntityKey& key) {
    auto [it, fresh] = entities_.try_emplace(key);
    if (!fresh) return it->second;
    EntityOutcome& entity = it->second;
    entity.key = key;
    for (const Scope& scope : config_.scopes) {
      if (scope.name != key.scope) continue;
      entity.interval = scope.interval;
      entity.features = scope.features;
    }
    entity.present.resize(entity.features.size());
    return entity;
  }

  void Take(const Judged& judged) {
    EntityOutcome& entity = At(judged.key);
    const Score& score = judged.score;
    ++entity.judged;
    if (entity.model_rows == 0) ++entity.without_model;
    if (score.verdict == Verdict::kUnknown) ++entity.unknown;
    if (score.gate != Gate::kNone) ++out_.gates[score.gate];
    if (score.verdict == Verdict::kLogOnly && score.gate == Gate::kNone) ++out_.log_only;
    const bool known = score.verdict != Verdict::kUnknown;
    entity.curve.push_back({judged.time, static_cast<float>(known ? score.score : kMissing),
                            static_cast<float>(known ? score.level : kMissing), score.verdict});
    for (size_t f = 0; f < score.features.size(); ++f) {
      const FeatureScore& feature = score.features[f];
      entity.present[f] += IsMissing(feature.value) ? 0 : 1;
      entity.bands.push_back({static_cast<float>(feature.value), static_cast<float>(feature.lower),
                              static_cast<float>(feature.upper)});
    }
  }

  void Hear(const std::vector<Anomaly>& told) {
    for (const Anomaly& a : told) {
      // One that began and ended within a round is first heard of when it is over.
      if (heard_.insert({a.id, a.severity}).second) told_.push_back({now_, a.id, a.severity});
      anomalies_[a.id] = a;
    }
  }

  void LookAtModels() {
    View view;
    engine_.Fill(view);
    for (const EntityView& e : view.entities) {
      EntityOutcome& entity = At(e.key);
      entity.model_rows = e.model.present ? e.model.rows : 0;
      entity.trusted = e.trust.holds;
    }
  }

  std::string WhyUntrained(const EntityKey& key) const {
    const auto failed = untrained_.find(key);
    if (failed != untrained_.end()) return failed->second;
    return "fewer than " + std::to_string(config_.detect.forest.min_samples) +
           " usable samples lie in the training range (at most " + std::to_string(best_) + ")";
  }

  BacktestOutcome Finished() {
    for (auto& [key, entity] : entities_) {
      if (entity.judged == 0) continue;
      if (entity.model_rows == 0) entity.untrained = WhyUntrained(key);
      out_.entities.push_back(std::move(entity));
    }
    for (auto& [id, anomaly] : anomalies_) {
      (anomaly.severity == Severity::kCritical ? out_.critical : out_.warning)++;
      Episode episode{anomaly, {}};
      if (out_.episodes.size() < kMostStories)
        episode.story = ReadStory(store_, anomaly).value_or(Story{});
      out_.episodes.push_back(std::move(episode));
    }
    std::stable_sort(out_.episodes.begin(), out_.episodes.end(),
                     [](const Episode& a, const Episode& b) {
                       return a.anomaly.started_at < b.anomaly.started_at;
                     });
    out_.messages = CountMessages(told_);
    return std::move(out_);
  }

  const Config config_;
  Store& store_;
  BacktestOutcome out_;
  Duration step_{};
  Time now_;
  bool trained_ = false;
  size_t best_ = 0;
  std::optional<Time> next_training_;
  std::map<EntityKey, EntityOutcome> entities_;
  std::map<EntityKey, std::string> untrained_;
  std::map<std::int64_t, Anomaly> anomalies_;
  std::set<std::pair<std::int64_t, Severity>> heard_;
  std::vector<Told> told_;
  Engine engine_;
};

}  // namespace

size_t BacktestOutcome::samples() const {
  size_t sum = 0;
  for (const auto& entity : entities) sum += entity.judged;
  return sum;
}

size_t BacktestOutcome::unknown() const {
  size_t sum = 0;
  for (const auto& entity : entities) sum += entity.unknown;
  return sum;
}

size_t CountMessages(const std::vector<Told>& told) {
  const auto batch_of = [](const Told& t) { return FloorTo(t.time, kWarningBatch); };
  size_t critical = 0;
  std::set<Time> batches;
  for (const Told& t : told) {
    if (t.severity == Severity::kCritical) {
      ++critical;
      continue;
    }
    const bool overtaken = std::any_of(told.begin(), told.end(), [&](const Told& other) {
      return other.anomaly == t.anomaly && other.severity == Severity::kCritical &&
             batch_of(other) == batch_of(t);
    });
    if (!overtaken) batches.insert(batch_of(t));
  }
  return critical + batches.size();
}

Result<BacktestOutcome> RunBacktest(Config config, const prom::History& history,
                                    const BacktestRange& range,
                                    const std::function<bool(size_t tick)>& go_on) {
  SystemClock clock;
  AIOPS_TRY(const auto store, Store::Open({.path = ":memory:",
                                           .retention_samples = hours(24 * 3650),
                                           .retention_anomalies = hours(24 * 3650)},
                                          clock));
  return Player(std::move(config), *store, range).Play(history, go_on);
}

}  // namespace aiops
