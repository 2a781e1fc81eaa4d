#include "pipeline/engine.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "base/log.h"
#include "pipeline/summary.h"

namespace aiops {
namespace {

constexpr Duration kResolveFor = minutes(5);  // how long an end is told to level receivers
constexpr Duration kForgetEntity = hours(24);
// Of states, what a round stores: all of some 300 entities'. A fleet's take turns.
constexpr size_t kStateBytesARound = 4 << 20;
// Rows of the same hour go together: they lie on the same pages.
constexpr Duration kRetentionStep = hours(1);
constexpr size_t kEntitiesASlice = 250;  // whose rows of two ticks a slice of 1,000 rows holds

Judgement ToJudgement(const Judged& judged) {
  const Score& s = judged.score;
  return {judged.key, judged.time, s.score, s.level,
          1.0,        s.verdict,   s.gate,  MainFeatures(*judged.scope, s)};
}

Effect EffectOf(Gate gate) {
  if (gate == Gate::kNone) return Effect::kFull;
  return gate == Gate::kBackfill || gate == Gate::kBootGrace ? Effect::kPast : Effect::kMayClose;
}

// Of a sample's flags.
Gate SilenceGate(std::uint32_t flags) {
  if (flags & kMaintenance) return Gate::kMaintenance;
  return flags & kMuted ? Gate::kMute : Gate::kNone;
}

// What people do is logged where it is done.
void LogOccasion(const Anomaly& a, Occasion occasion) {
  if (occasion == Occasion::kAcknowledged || occasion == Occasion::kAnalysed) return;
  const bool open = occasion != Occasion::kClosed;
  const bool grave = open && a.severity == Severity::kCritical;
  Log(grave ? LogLevel::kWarn : LogLevel::kInfo,
      occasion == Occasion::kEscalated ? "anomaly escalated"
      : open                           ? "anomaly open"
                                       : "anomaly closed",
      {{"id", a.id},
       {"entity", a.key.entity},
       {"scope", a.key.scope},
       {"kind", ToString(a.kind)},
       {"fact", a.fact},
       {"object", a.object},
       {"severity", ToString(a.severity)},
       {"summary", a.summary}});
}

}  // namespace

Engine::Engine(const Config& config, Store& store, EngineOptions options, Publish publish)
    : config_(config),
      store_(store),
      options_(std::move(options)),
      publish_(std::move(publish)),
      silent_until_(options_.silent_until),
      journal_(store),
      judge_(config, store),
      tracker_({config.detect.close_after, 2}) {}

void Engine::Restore(Time now) {
  const auto warn = [](const Error& error) {
    LogWarn("the stored state cannot be read; beginning afresh", {{"err", error.message}});
  };
  const auto max_id = store_.MaxAnomalyId();
  auto open = store_.ReadAnomalies({.state = AnomalyState::kOpen, .limit = 0});
  auto closed = store_.ReadAnomalies(
      {.state = AnomalyState::kClosed, .limit = 0, .ended_since = now - kResolveFor});
  // Ids must not be given twice, even if the anomalies themselves cannot be read.
  if (max_id) tracker_.Restore({}, *max_id);
  if (open) {
    occasions_.Restore(*open);
    tracker_.Restore(std::move(*open), 0);
  }
  if (!max_id) warn(max_id.error());
  if (!open) warn(open.error());
  if (closed) tracker_.RememberClosed(std::move(*closed));
  auto silences = store_.ReadSilences();
  if (silences) silences_.Restore(*std::move(silences));
  if (!silences) warn(silences.error());
  if (const auto restored = judge_.Restore(now); !restored) warn(restored.error());
  newest_ = now;
  Commit({.schemas = judge_.Schemas()});
}

void Engine::OnTick(const Tick& tick, std::vector<Answer> answers, bool manual) {
  newest_ = tick.end;
  Assembled assembled = Assemble(config_.scopes, config_.collect.entity, tick, answers);
  if (!manual) {
    std::erase_if(assembled.samples, [&](const Sample& s) {
      return FloorTo(tick.end, judge_.FindScope(s.key.scope)->interval) != tick.end;
    });
  }
  const std::set<EntityKey> real = tracker_.OpenAndReal();
  Changes changes;
  changes.samples = TakePast(std::move(assembled.past));
  for (auto& sample : assembled.samples) {
    Flag(sample);
    if (real.contains(sample.key)) sample.flags |= kConfirmedReal;
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
  TellGroups();
  for (auto& answer : answers) {
    if (!answer.result || !answer.result->checkpoint) continue;
    changes.checkpoints.push_back(
        {options_.collectors.at(answer.collector).name, std::move(*answer.result->checkpoint)});
  }
  Commit(std::move(changes));
}

void Engine::Flag(Sample& sample) const {
  FlagCoverage(sample, config_.detect.min_coverage);
  sample.flags |= silences_.FlagsAt(sample.key, sample.time);
}

std::vector<Sample> Engine::TakePast(std::vector<Sample> past) {
  std::erase_if(past, [&](const Sample& s) {
    const auto stored = store_.ReadSamples({s.key, s.time - Duration(1), s.time, s.schema, 1});
    return stored && !stored->empty();
  });
  for (auto& sample : past) {
    Flag(sample);
    judge_.Add(sample, {});
  }
  return past;
}

Gate Engine::FactGate(const EntityKey& key, Time time) const {
  return time < silent_until_ ? Gate::kBootGrace : SilenceGate(silences_.FlagsAt(key, time));
}

Gate Engine::PolicyGate(const Judged& judged) const {
  if (judged.flags & kBackfill) return Gate::kBackfill;
  if (const Gate gate = SilenceGate(judged.flags); gate != Gate::kNone) return gate;
  return judged.time < silent_until_ ? Gate::kBootGrace : Gate::kNone;
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
  const auto count = [&](Gate gate) {
    ++gated_total_[{std::string(ToString(gate)), judged.key.scope}];
  };
  if (s.gate != Gate::kNone) count(s.gate);
  for (const Gate gate : {Gate::kMinCount, Gate::kRange})  // never the sample's own
    if (std::any_of(s.features.begin(), s.features.end(),
                    [&](const FeatureScore& feature) { return feature.gate == gate; }))
      count(gate);
}

// Passes one judged sample through the gates of policy to its episode. Returns the verdict that is
// left: what a gate holds back is noted, not told.
Verdict Engine::Gated(Judged& judged, Changes& changes) {
  const Gate gate = PolicyGate(judged);
  Score& score = judged.score;
  if (score.verdict == Verdict::kCritical && !TrustIn(judge_.entities().at(judged.key)).holds)
    score.verdict = Verdict::kWarning;
  if (gate != Gate::kNone && score.verdict >= Verdict::kWarning) score.gate = gate;
  for (auto& anomaly : tracker_.Observe(*judged.scope, judged.key, judged.labels, judged.time,
                                        score, EffectOf(gate)))
    changes.anomalies.push_back(std::move(anomaly));
  // Judged before: history and counters have it.
  if ((judged.flags & kRelearned) == 0) {
    Count(judged);
    changes.judgements.push_back(ToJudgement(judged));
  }
  if (gate == Gate::kBackfill) return Verdict::kUnknown;
  return gate == Gate::kNone ? score.verdict : std::min(score.verdict, Verdict::kLogOnly);
}

RoundReport Engine::Round(Time now) {
  RoundReport report;
  // What began since they were taken; a mute is about what is told from now on.
  judge_.FlagWaiting([&](const Sample& s) {
    return silences_.FlagsAt(s.key, s.time) | (silences_.FlagsAt(s.key, now) & kMuted);
  });
  Changes changes;
  Verdict worst = Verdict::kUnknown;  // of the entity that is judged
  judge_.Round([&](Judged judged) {
    const bool same = !report.judged.empty() && report.judged.back().key == judged.key;
    worst = std::max(same ? worst : Verdict::kUnknown, Gated(judged, changes));
    judge_.Conclude(judged.key, worst);
    report.worst = std::max(report.worst, worst);
    report.judged.push_back(std::move(judged));
  });
  for (auto& anomaly :
       tracker_.CloseVanished(newest_, [this](const EntityKey& key) { return Vanished(key); }))
    changes.anomalies.push_back(std::move(anomaly));
  if (!report.judged.empty()) changes.state = judge_.Snapshots(kStateBytesARound);
  TellGroups();
  ++rounds_;
  last_round_ = now;
  judge_.Forget(now - kForgetEntity);
  Commit(std::move(changes));
  return report;
}

void Engine::TellGroups() {
  groups_.clear();
  std::set<EntityKey> affected;
  for (const Anomaly& anomaly : tracker_.open()) affected.insert(anomaly.key);
  if (affected.empty()) return;
  for (const Scope& scope : config_.scopes) {
    std::vector<GroupMember> members;
    for (const auto& [key, entity] : judge_.entities())
      if (key.scope == scope.name && !HasVanished(entity, newest_))
        members.push_back({&entity.labels, affected.contains(key)});
    if (auto story = TellGroup(scope.name, members)) groups_.push_back(*std::move(story));
  }
}

// A scope or a name that is configured no more, or a labelled entity without samples for long.
bool Engine::Vanished(const EntityKey& key) const {
  const Scope* scope = judge_.FindScope(key.scope);
  if (scope == nullptr) return true;
  if (scope->entity_labels.empty()) return key.entity != config_.collect.entity;
  const auto it = judge_.entities().find(key);
  return it == judge_.entities().end() || HasVanished(it->second, newest_);
}

void Engine::Tell(Changes& changes) {
  for (const Anomaly& a : changes.anomalies) {
    const auto occasions = occasions_.Of(a);
    for (const Occasion occasion : occasions) LogOccasion(a, occasion);
    if (occasions.empty() || !options_.messages) continue;
    auto messages = options_.messages(a, occasions);
    std::move(messages.begin(), messages.end(), std::back_inserter(changes.outbox));
  }
}

void Engine::Commit(Changes changes) {
  Tell(changes);
  // Of one that was marked, or was before and went on: its samples, and what is expected.
  for (size_t i = 0; i < changes.anomalies.size(); ++i) {
    if (changes.anomalies[i].mark == Mark::kNone) continue;
    MarkSamples(changes.anomalies[i], changes);
    judge_.Mark(changes.anomalies[i]);
  }
  journal_.Commit(std::move(changes));
  if (const auto begun = store_.health().files_begun; begun != seen_files_begun_) {
    seen_files_begun_ = begun;
    RememberAll();
  }
  std::vector<Anomaly> told = tracker_.open();
  for (const GroupStory& group : groups_)
    for (Anomaly& anomaly : told)
      if (anomaly.key.scope == group.scope) anomaly.group = group.text;
  told.insert(told.end(), tracker_.recently_closed().begin(), tracker_.recently_closed().end());
  publish_(std::move(told));
}

// A database that was set aside as corrupt leaves one that knows nothing: it is told everything.
void Engine::RememberAll() {
  Changes all;
  all.anomalies = tracker_.open();
  all.state = judge_.Everything();
  all.models = judge_.Models();
  for (const auto& [key, labels] : stored_labels_) all.entities.emplace_back(key, labels);
  all.schemas = judge_.Schemas();
  all.silences = silences_.all();
  journal_.Commit(std::move(all));
}

void Engine::SaveStates() {
  while (backlog() == 0) {
    Changes changes;
    changes.state = judge_.Snapshots(kStateBytesARound);
    if (changes.empty()) return;
    journal_.Commit(std::move(changes));
  }
}

std::string Engine::Housekeep(Time now) {
  tracker_.ForgetClosedBefore(now - kResolveFor);
  silences_.Forget(now);
  journal_.Flush();
  // What a tick brings must go in a tick: a fleet's needs more than one slice.
  const size_t slices = 1 + judge_.entities().size() / kEntitiesASlice;
  const Time due = FloorTo(now, kRetentionStep);
  for (size_t slice = 0; slice < slices && due != expired_to_; ++slice) {
    const auto expired = store_.DeleteExpired(due);
    if (!expired) {
      if (!retention_failing_)
        LogWarn("what has expired cannot be deleted; trying again",
                {{"err", expired.error().message}});
      retention_failing_ = true;
      return "failed: " + expired.error().message;
    }
    retention_failing_ = false;
    ForgetExpired(expired->entities);
    if (!expired->more) expired_to_ = due;
  }
  return due == expired_to_ ? "nothing more has expired" : "deleting what has expired";
}

void Engine::ForgetExpired(const std::vector<EntityKey>& entities) {
  Changes changes;
  for (const EntityKey& key : entities) {
    stored_labels_.erase(key);
    changes.drop_state.push_back(StateName(key));
    changes.drop_models.push_back(key);
  }
  if (!changes.empty()) journal_.Commit(std::move(changes));
}

}  // namespace aiops
