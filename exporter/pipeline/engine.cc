#include "pipeline/engine.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace aiops {
namespace {

constexpr Duration kResolveFor = minutes(5);  // how long an end is told to level receivers
constexpr Duration kForgetEntity = hours(24);

Judgement ToJudgement(const Judged& judged) {
  const Score& s = judged.score;
  return {judged.key, judged.time, s.score, s.level, 1.0, s.verdict, s.gate};
}

}  // namespace

Engine::Engine(const Config& config, Store& store, EngineOptions options, Publish publish)
    : config_(config),
      store_(store),
      options_(std::move(options)),
      publish_(std::move(publish)),
      journal_(store),
      judge_(config),
      tracker_({config.detect.close_after, 2}) {}

void Engine::Restore(Time now) {
  const auto warn = [](const Error& error) {
    LogWarn("the stored state cannot be read; beginning afresh", {{"err", error.message}});
  };
  const auto max_id = store_.MaxAnomalyId();
  auto open = store_.ReadAnomalies({.state = AnomalyState::kOpen, .limit = 10000});
  auto closed = store_.ReadAnomalies({.since = now - kResolveFor, .state = AnomalyState::kClosed});
  // Ids must not be given twice, even if the anomalies themselves cannot be read.
  if (max_id) tracker_.Restore({}, *max_id);
  if (open) tracker_.Restore(std::move(*open), 0);
  if (!max_id) warn(max_id.error());
  if (!open) warn(open.error());
  if (closed) tracker_.RememberClosed(std::move(*closed));
  if (const auto restored = judge_.Restore(store_, now); !restored) warn(restored.error());
  Commit({});
}

void Engine::OnTick(const Tick& tick, std::vector<Answer> answers, bool manual) {
  Assembled assembled = Assemble(config_.scopes, config_.collect.entity, tick, answers);
  if (!manual) {
    std::erase_if(assembled.samples, [&](const Sample& s) {
      return FloorTo(tick.end, judge_.FindScope(s.key.scope)->interval) != tick.end;
    });
  }
  Changes changes;
  changes.samples = TakePast(std::move(assembled.past));
  for (auto& sample : assembled.samples) {
    if (Coverage(sample.values) < config_.detect.min_coverage) sample.flags |= kLowCoverage;
    const Labels& labels = assembled.labels[sample.key];
    judge_.Add(sample, labels);
    if (const auto it = stored_labels_.find(sample.key);
        it == stored_labels_.end() || it->second != labels) {
      stored_labels_[sample.key] = labels;
      changes.entities.emplace_back(sample.key, labels);
    }
  }
  std::move(assembled.samples.begin(), assembled.samples.end(),
            std::back_inserter(changes.samples));
  ObserveFacts(tick, answers, changes);
  for (auto& answer : answers) {
    if (!answer.result || !answer.result->checkpoint) continue;
    changes.checkpoints.push_back(
        {options_.collectors.at(answer.collector).name, std::move(*answer.result->checkpoint)});
  }
  Commit(std::move(changes));
}

std::vector<Sample> Engine::TakePast(std::vector<Sample> past) {
  std::erase_if(past, [&](const Sample& s) {
    const auto stored = store_.ReadSamples({s.key, s.time - Duration(1), s.time, s.schema, 1});
    return stored && !stored->empty();
  });
  for (auto& sample : past) {
    if (Coverage(sample.values) < config_.detect.min_coverage) sample.flags |= kLowCoverage;
    judge_.Add(sample, {});
  }
  return past;
}

std::vector<TrackedFact> Engine::ApplyPolicy(const std::vector<Answer>& answers) const {
  std::vector<TrackedFact> out;
  for (const auto& answer : answers) {
    if (!answer.result) continue;
    for (const Fact& fact : answer.result->facts) {
      const auto policy = std::find_if(config_.fact_policies.begin(), config_.fact_policies.end(),
                                       [&](const FactPolicy& p) { return p.name == fact.name; });
      TrackedFact tracked{{config_.scopes.front().name, fact.entity}, fact};
      if (tracked.key.entity.empty()) tracked.key.entity = config_.collect.entity;
      if (policy != config_.fact_policies.end()) {
        if (!policy->enabled) continue;
        tracked.fact.severity = policy->severity;
      }
      out.push_back(std::move(tracked));
    }
  }
  return out;
}

void Engine::ObserveFacts(const Tick& tick, const std::vector<Answer>& answers, Changes& changes) {
  const auto source_failed = [&](const std::string& fact) {
    for (size_t c = 0; c < options_.collectors.size(); ++c) {
      const auto& own = options_.collectors[c].facts;
      if (std::find(own.begin(), own.end(), fact) == own.end()) continue;
      const bool answered = std::any_of(answers.begin(), answers.end(), [&](const Answer& a) {
        return a.collector == c && a.result.has_value();
      });
      if (!answered) return true;
    }
    return false;
  };
  std::vector<TrackedFact> now = ApplyPolicy(answers);
  for (auto& before : facts_)
    if (source_failed(before.fact.name)) now.push_back(std::move(before));
  facts_ = std::move(now);
  changes.anomalies =
      tracker_.ObserveFacts(tick.end, facts_, source_failed, tick.end < options_.silent_until);
}

Gate Engine::PolicyGate(const Judged& judged) const {
  if (judged.flags & kBackfill) return Gate::kBackfill;
  if (judged.flags & kMaintenance) return Gate::kMaintenance;
  if (judged.flags & kMuted) return Gate::kMute;
  if (judged.time < options_.silent_until) return Gate::kBootGrace;
  return Gate::kNone;
}

void Engine::Count(const Judged& judged) {
  const Score& s = judged.score;
  if (s.verdict == Verdict::kLogOnly && s.gate == Gate::kNone) {
    ++log_only_total_[judged.key.scope];
    for (size_t i = 0; i < s.features.size(); ++i) {
      if (!s.features[i].anomalous) continue;
      LogInfo("one feature is unusual", {{"entity", judged.key.entity},
                                         {"feature", judged.scope->features[i].name},
                                         {"value", s.features[i].value},
                                         {"expected", s.features[i].expected}});
    }
  }
  if (s.gate != Gate::kNone) ++gated_total_[{std::string(ToString(s.gate)), judged.key.scope}];
}

RoundReport Engine::Round(Time now) {
  RoundReport report;
  report.judged = judge_.Round();
  Changes changes;
  for (Judged& judged : report.judged) {
    const Gate gate = PolicyGate(judged);
    if (gate != Gate::kNone && judged.score.verdict >= Verdict::kWarning) judged.score.gate = gate;
    Count(judged);
    for (auto& anomaly : tracker_.Observe(*judged.scope, judged.key, judged.labels, judged.time,
                                          judged.score, gate != Gate::kNone))
      changes.anomalies.push_back(std::move(anomaly));
    if (gate == Gate::kNone) report.worst = std::max(report.worst, judged.score.verdict);
    changes.judgements.push_back(ToJudgement(judged));
  }
  if (!report.judged.empty()) changes.state = judge_.Snapshots();
  ++rounds_;
  last_round_ = now;
  judge_.Forget(now - kForgetEntity);
  Commit(std::move(changes));
  return report;
}

void Engine::Commit(Changes changes) {
  for (const Anomaly& a : changes.anomalies) {
    if (!logged_.insert({a.id, a.severity, a.state}).second) continue;
    if (a.state == AnomalyState::kClosed)
      std::erase_if(logged_, [&](const auto& l) { return std::get<0>(l) == a.id; });
    LogInfo(a.state == AnomalyState::kClosed ? "anomaly closed" : "anomaly open",
            {{"id", a.id},
             {"entity", a.key.entity},
             {"scope", a.key.scope},
             {"kind", ToString(a.kind)},
             {"fact", a.fact},
             {"object", a.object},
             {"severity", ToString(a.severity)},
             {"summary", a.summary}});
  }
  journal_.Commit(std::move(changes));
  // A database that was set aside as corrupt knows nothing of what is open: tell the new one.
  if (const std::string aside = store_.health().set_aside; aside != seen_set_aside_) {
    seen_set_aside_ = aside;
    Changes again;
    again.anomalies = tracker_.open();
    again.state = judge_.Snapshots();
    for (const auto& [key, labels] : stored_labels_) again.entities.emplace_back(key, labels);
    journal_.Commit(std::move(again));
  }
  std::vector<Anomaly> told = tracker_.open();
  told.insert(told.end(), tracker_.recently_closed().begin(), tracker_.recently_closed().end());
  publish_(std::move(told));
}

std::vector<Engine::TrainingSet> Engine::TrainingSets(Time now, size_t* best) {
  constexpr std::uint32_t kUntrained =
      kPartial | kMaintenance | kMuted | kConfirmedReal | kLowCoverage;
  std::vector<TrainingSet> out;
  *best = 0;
  for (const auto& [key, entity] : judge_.entities()) {
    const auto samples = store_.ReadSamples(
        {key, now - config_.detect.forest.window, now, SchemaHash(*entity.scope), 0});
    if (!samples) {
      LogWarn("cannot read the training samples", {{"err", samples.error().message}});
      continue;
    }
    TrainingSet set{key, judge_.OptionsFor(*entity.scope), {}, 0};
    for (const Sample& sample : *samples) {
      if (sample.flags & kUntrained) continue;
      set.values.insert(set.values.end(), sample.values.begin(), sample.values.end());
      ++set.rows;
    }
    *best = std::max(*best, set.rows);
    if (set.rows >= static_cast<size_t>(config_.detect.forest.min_samples))
      out.push_back(std::move(set));
  }
  return out;
}

Trained Engine::Fit(TrainingSet set) {
  Trained out{set.key, MakeHybridDetector(set.options), set.rows, {}, {}};
  const auto fitted = out.detector->Fit({set.values.data(), set.rows, set.options.features.size()});
  if (!fitted) out.error = fitted.error().message;
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

std::optional<Anomaly> Engine::Acknowledge(std::int64_t id, Time now, const std::string& by,
                                           const std::string& why) {
  auto anomaly = tracker_.Acknowledge(id, now, by, why);
  if (!anomaly) return std::nullopt;
  Changes changes;
  changes.anomalies.push_back(*anomaly);
  changes.audit.push_back({now, by, "acknowledged #" + std::to_string(id) + ": " + why});
  Commit(std::move(changes));
  return anomaly;
}

void Engine::Housekeep(Time now) {
  tracker_.ForgetClosedBefore(now - kResolveFor);
  journal_.Flush();
  if (const auto more = store_.DeleteExpired(now); !more)
    LogDebug("retention failed; trying again later", {{"err", more.error().message}});
}

}  // namespace aiops
