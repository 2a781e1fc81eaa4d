// One episode of one entity: opens at the first WARNING or CRITICAL, may escalate, closes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/entity.h"
#include "model/sample.h"
#include "model/verdict.h"

namespace aiops {

enum class AnomalyKind : std::uint8_t { kLearned, kFact };
std::string_view ToString(AnomalyKind kind);  // "learned", "fact"

enum class AnomalyState : std::uint8_t { kOpen, kClosed };
std::string_view ToString(AnomalyState state);  // "open", "closed"

// What a person found it to be. Its samples are marked alike: of a real incident no model learns,
// what was expected is normal and trains.
enum class Mark : std::uint8_t { kNone, kReal, kExpected };
std::string_view ToString(Mark mark);  // "", "real", "expected"

// How much one feature spoke for an anomaly, in one sample: of an anomaly its worst one.
struct Contribution {
  std::string feature;
  std::string unit;
  double value = kMissing;
  double expected = kMissing;
  double lower = kMissing;
  double upper = kMissing;
  double share = 0;         // 0..1; those of all features sum to 1
  Gate gate = Gate::kNone;  // why it did not count, outside its band or not
};

// One row, one id, one fingerprint; never a row per round.
struct Anomaly {
  std::int64_t id = 0;
  EntityKey key;
  Labels labels;  // the entity's own labels
  AnomalyKind kind = AnomalyKind::kLearned;
  std::string fact;  // for facts: its name and object
  std::string object;
  Severity severity = Severity::kWarning;
  AnomalyState state = AnomalyState::kOpen;
  Time started_at;
  Time last_seen_at;
  std::optional<Time> ended_at;
  double score = kMissing;                  // the worst so far; missing for facts
  std::string summary;                      // one sentence for people
  std::vector<Contribution> contributions;  // greatest share first
  std::optional<Time> acknowledged_at;
  std::string acknowledged_by;
  std::string acknowledged_why;
  Mark mark = Mark::kNone;  // the last one given
  std::optional<Time> marked_at;
  std::string marked_by;
  std::string marked_why;
  std::string evidence;    // JSON, or empty
  std::string root_cause;  // JSON of the analysis, or empty
  // While it is told as one of many at once: a sentence about them. Never stored.
  std::string group;
};

// Identity of the episode's subject: neither severity nor features nor time are part of it. 16 hex
// digits.
std::string Fingerprint(const Anomaly& anomaly);

}  // namespace aiops
