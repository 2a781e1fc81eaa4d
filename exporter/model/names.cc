#include <array>
#include <cstdio>

#include "model/anomaly.h"
#include "model/fact.h"
#include "model/feature.h"
#include "model/model_record.h"
#include "model/notification.h"
#include "model/silence.h"
#include "model/verdict.h"

namespace aiops {
namespace {

constexpr std::array<std::string_view, 3> kDirections{"up", "down", "both"};
constexpr std::array<std::string_view, 5> kVerdicts{"unknown", "normal", "log_only", "warning",
                                                    "critical"};
constexpr std::array<std::string_view, 2> kSeverities{"warning", "critical"};
constexpr std::array<std::string_view, kGateCount> kGates{
    "",           "direction",      "min_deviation", "warmup",
    "coverage",   "persistence",    "maintenance",   "mute",
    "run_budget", "message_budget", "backfill",      "boot_grace",
    "min_count",  "range",          "expected"};
constexpr std::array<std::string_view, 2> kKinds{"learned", "fact"};
constexpr std::array<std::string_view, 2> kStates{"open", "closed"};
constexpr std::array<std::string_view, 3> kMarks{"", "real", "expected"};
constexpr std::array<std::string_view, 2> kSilenceKinds{"window", "mute"};
constexpr std::array<std::string_view, 4> kModelStates{"in_use", "earlier", "refused", "failed"};
constexpr std::array<std::string_view, kOccasionCount> kOccasions{
    "opened", "escalated", "acknowledged", "analysed", "closed", "changed"};
constexpr std::array<std::string_view, kOutboxStateCount> kOutboxStates{
    "pending", "sending", "sent", "failed", "expired", "dropped"};
constexpr std::array<std::string_view, kExclusionCount> kExclusions{
    "maintenance", "mute", "confirmed_real", "low_coverage", "partial"};

template <class Enum, size_t N>
std::string_view Name(const std::array<std::string_view, N>& names, Enum value) {
  const auto i = static_cast<size_t>(value);
  AIOPS_CHECK(i < N);
  return names[i];
}

template <class Enum, size_t N>
std::optional<Enum> Parse(const std::array<std::string_view, N>& names, std::string_view text) {
  for (size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<Enum>(i);
  return std::nullopt;
}

// FNV-1a over the parts, with a separator that cannot occur inside one.
class Fnv {
 public:
  Fnv& Add(std::string_view part) {
    for (const char c : part) Mix(static_cast<unsigned char>(c));
    Mix(0xff);
    return *this;
  }
  std::uint64_t value() const { return hash_; }

 private:
  void Mix(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ull; }
  std::uint64_t hash_ = 0xcbf29ce484222325ull;
};

}  // namespace

std::string_view ToString(Direction d) { return Name(kDirections, d); }
std::string_view ToString(Verdict v) { return Name(kVerdicts, v); }
std::string_view ToString(Severity s) { return Name(kSeverities, s); }
std::string_view ToString(Gate g) { return Name(kGates, g); }
std::string_view ToString(AnomalyKind k) { return Name(kKinds, k); }
std::string_view ToString(AnomalyState s) { return Name(kStates, s); }
std::string_view ToString(Mark m) { return Name(kMarks, m); }
std::string_view ToString(SilenceKind k) { return Name(kSilenceKinds, k); }
std::string_view ToString(ModelState s) { return Name(kModelStates, s); }
std::string_view ToString(Exclusion e) { return Name(kExclusions, e); }
std::string_view ToString(Occasion o) { return Name(kOccasions, o); }
std::string_view ToString(OutboxState s) { return Name(kOutboxStates, s); }
std::optional<OutboxState> ParseOutboxState(std::string_view t) {
  return Parse<OutboxState>(kOutboxStates, t);
}
std::optional<ModelState> ParseModelState(std::string_view t) {
  return Parse<ModelState>(kModelStates, t);
}
std::optional<Verdict> ParseVerdict(std::string_view t) { return Parse<Verdict>(kVerdicts, t); }
std::optional<Severity> ParseSeverity(std::string_view t) {
  return Parse<Severity>(kSeverities, t);
}

std::uint64_t SchemaHash(const Scope& scope) {
  Fnv hash;
  for (const auto& feature : scope.features) hash.Add(feature.name);
  return hash.value() >> 1;  // fits SQLite's signed integers
}

double Coverage(const std::vector<double>& values) {
  if (values.empty()) return 0;
  size_t present = 0;
  for (const double v : values) present += IsMissing(v) ? 0 : 1;
  return static_cast<double>(present) / static_cast<double>(values.size());
}

std::string AlertName(const std::string& fact_name) {
  std::string out = "Aiops";
  bool upper = true;
  for (const char c : fact_name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

std::string Fingerprint(const Anomaly& a) {
  const auto hash = Fnv()
                        .Add(a.key.scope)
                        .Add(a.key.entity)
                        .Add(ToString(a.kind))
                        .Add(a.fact)
                        .Add(a.object)
                        .value();
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

}  // namespace aiops
