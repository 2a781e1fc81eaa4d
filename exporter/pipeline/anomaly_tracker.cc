#include "pipeline/anomaly_tracker.h"

#include <algorithm>
#include <set>

#include "pipeline/evidence_json.h"
#include "pipeline/summary.h"

namespace aiops {

void AnomalyTracker::Restore(std::vector<Anomaly> open, std::int64_t max_id) {
  max_id_ = std::max(max_id_, max_id);
  for (auto& anomaly : open) {
    max_id_ = std::max(max_id_, anomaly.id);
    const Subject subject = SubjectOf(anomaly);
    episodes_[subject] = {std::move(anomaly), 0};
  }
}

AnomalyTracker::Episode& AnomalyTracker::Open(Anomaly anomaly) {
  anomaly.id = ++max_id_;
  ++opened_total_[{std::string(ToString(anomaly.severity)), anomaly.key.scope,
                   std::string(ToString(anomaly.kind))}];
  const Subject subject = SubjectOf(anomaly);
  return episodes_[subject] = {std::move(anomaly), 0};
}

bool AnomalyTracker::Quiet(Episodes::iterator it, Time time, int close_after) {
  if (++it->second.quiet < close_after) return false;
  Close(it, time);
  return true;
}

void AnomalyTracker::Close(Episodes::iterator it, Time time) {
  Anomaly& anomaly = it->second.anomaly;
  anomaly.state = AnomalyState::kClosed;
  anomaly.ended_at = time;
  closed_.push_back(std::move(anomaly));
  episodes_.erase(it);
}

std::vector<Anomaly> AnomalyTracker::Observe(const Scope& scope, const EntityKey& key,
                                             const Labels& labels, Time time, const Score& score,
                                             Effect effect) {
  if (score.verdict == Verdict::kUnknown) return {};
  const Subject subject{key, AnomalyKind::kLearned, "", ""};
  const auto it = episodes_.find(subject);
  const bool alarming = score.verdict >= Verdict::kWarning;
  if (effect == Effect::kPast) {
    if (alarming) return {};
    // A past that is judged again says nothing about what came after it.
    if (it != episodes_.end() && time <= it->second.anomaly.last_seen_at) return {};
  }
  const bool alerting = alarming && effect == Effect::kFull;
  if (it == episodes_.end() && !alerting) return {};
  if (!alarming) {
    if (Quiet(it, time, options_.close_after)) return {closed_.back()};
    return {};
  }
  if (!alerting) {
    it->second.quiet = 0;
    it->second.anomaly.last_seen_at = time;
    return {it->second.anomaly};
  }
  const Severity severity =
      score.verdict == Verdict::kCritical ? Severity::kCritical : Severity::kWarning;
  Anomaly fresh;
  fresh.key = key;
  fresh.labels = labels;
  fresh.severity = severity;
  fresh.started_at = time;
  Episode& episode = it == episodes_.end() ? Open(std::move(fresh)) : it->second;
  Anomaly& anomaly = episode.anomaly;
  episode.quiet = 0;
  anomaly.last_seen_at = time;
  anomaly.started_at = std::min(anomaly.started_at, time);
  anomaly.severity = std::max(anomaly.severity, severity);
  if (IsMissing(anomaly.score) || score.score >= anomaly.score) {
    anomaly.score = score.score;
    anomaly.contributions = Contributions(scope, score);
    anomaly.summary = LearnedSummary(anomaly.contributions);
  }
  return {anomaly};
}

std::optional<Anomaly> AnomalyTracker::SeeFact(Time time, const TrackedFact& tracked, bool gated) {
  const Fact& fact = tracked.fact;
  const Subject subject{tracked.key, AnomalyKind::kFact, fact.name, fact.object};
  if (const auto it = episodes_.find(subject); it != episodes_.end()) {
    Anomaly& anomaly = it->second.anomaly;
    it->second.quiet = 0;
    it->second.collector = tracked.collector;
    anomaly.last_seen_at = time;
    const Severity severity = gated ? anomaly.severity : std::max(anomaly.severity, fact.severity);
    if (anomaly.severity == severity && anomaly.summary == fact.summary) return std::nullopt;
    anomaly.severity = severity;
    anomaly.summary = fact.summary;
    anomaly.evidence = EvidenceJson(fact);
    return anomaly;
  }
  if (gated) return std::nullopt;
  Anomaly fresh;
  fresh.key = tracked.key;
  fresh.labels = fact.labels;
  fresh.kind = AnomalyKind::kFact;
  fresh.fact = fact.name;
  fresh.object = fact.object;
  fresh.severity = fact.severity;
  fresh.summary = fact.summary;
  fresh.evidence = EvidenceJson(fact);
  fresh.started_at = fact.since == Time{} ? time : std::min(fact.since, time);
  fresh.last_seen_at = time;
  Episode& episode = Open(std::move(fresh));
  episode.collector = tracked.collector;
  return episode.anomaly;
}

std::vector<Anomaly> AnomalyTracker::ObserveFacts(Time time, const std::vector<TrackedFact>& facts,
                                                  const Silent& silent, const Gated& gated) {
  std::vector<Anomaly> changed;
  std::set<Subject> seen;
  for (const auto& tracked : facts) {
    // Of two sources that report the same, the first words it.
    if (!seen.insert({tracked.key, AnomalyKind::kFact, tracked.fact.name, tracked.fact.object})
             .second)
      continue;
    if (auto anomaly = SeeFact(time, tracked, gated(tracked.key)))
      changed.push_back(std::move(*anomaly));
  }
  for (auto it = episodes_.begin(); it != episodes_.end();) {
    const auto here = it++;
    const Anomaly& a = here->second.anomaly;
    if (a.kind != AnomalyKind::kFact || seen.contains(here->first)) continue;
    if (silent(a.fact, here->second.collector)) continue;
    if (Quiet(here, time, options_.fact_close_after)) changed.push_back(closed_.back());
  }
  return changed;
}

std::vector<Anomaly> AnomalyTracker::CloseVanished(
    Time time, const std::function<bool(const EntityKey&)>& vanished) {
  std::vector<Anomaly> changed;
  for (auto it = episodes_.begin(); it != episodes_.end();) {
    const auto here = it++;
    const Anomaly& a = here->second.anomaly;
    if (a.kind != AnomalyKind::kLearned || !vanished(a.key)) continue;
    Close(here, time);
    changed.push_back(closed_.back());
  }
  return changed;
}

std::set<EntityKey> AnomalyTracker::OpenAndReal() const {
  std::set<EntityKey> out;
  for (const auto& [subject, episode] : episodes_)
    if (episode.anomaly.mark == Mark::kReal) out.insert(episode.anomaly.key);
  return out;
}

void AnomalyTracker::TakeMark(const Anomaly& marked) {
  const auto take = [&](Anomaly& anomaly) {
    if (anomaly.id != marked.id) return;
    anomaly.mark = marked.mark;
    anomaly.marked_at = marked.marked_at;
    anomaly.marked_by = marked.marked_by;
    anomaly.marked_why = marked.marked_why;
  };
  for (auto& [subject, episode] : episodes_) take(episode.anomaly);
  for (Anomaly& closed : closed_) take(closed);
}

std::optional<Anomaly> AnomalyTracker::Acknowledge(std::int64_t id, Time now, const std::string& by,
                                                   const std::string& why) {
  for (auto& [subject, episode] : episodes_) {
    Anomaly& anomaly = episode.anomaly;
    if (anomaly.id != id) continue;
    if (!anomaly.acknowledged_at) {
      anomaly.acknowledged_at = now;
      anomaly.acknowledged_by = by;
      anomaly.acknowledged_why = why;
    }
    return anomaly;
  }
  return std::nullopt;
}

void AnomalyTracker::ForgetClosedBefore(Time time) {
  std::erase_if(closed_, [&](const Anomaly& a) { return a.ended_at && *a.ended_at < time; });
}

std::vector<Anomaly> AnomalyTracker::open() const {
  std::vector<Anomaly> out;
  for (const auto& [subject, episode] : episodes_) out.push_back(episode.anomaly);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
  return out;
}

}  // namespace aiops
