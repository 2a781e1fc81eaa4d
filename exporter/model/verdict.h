// Verdict, severity and gate: the words in which a judgement is said.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace aiops {

// In rising gravity. The values are stored: never renumber.
enum class Verdict : std::uint8_t { kUnknown, kNormal, kLogOnly, kWarning, kCritical };
std::string_view ToString(
    Verdict verdict);  // "unknown", "normal", "log_only", "warning", "critical"
std::optional<Verdict> ParseVerdict(std::string_view text);

enum class Severity : std::uint8_t { kWarning, kCritical };
std::string_view ToString(Severity severity);  // "warning", "critical"
std::optional<Severity> ParseSeverity(std::string_view text);

constexpr Verdict ToVerdict(Severity s) {
  return s == Severity::kCritical ? Verdict::kCritical : Verdict::kWarning;
}

// Why a high score did not become a message. The values are stored: never renumber.
enum class Gate : std::uint8_t {
  kNone,
  kDirection,
  kMinDeviation,
  kWarmup,
  kCoverage,
  kPersistence,
  kMaintenance,
  kMute,
  kRunBudget,
  kMessageBudget,
  kBackfill,
  kBootGrace,
  kMinCount,
  kRange,
  kExpected,
};
std::string_view ToString(Gate gate);  // "", "direction", "min_deviation", ...
inline constexpr int kGateCount = 15;

}  // namespace aiops
