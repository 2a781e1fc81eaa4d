#include "pipeline/history_progress.h"

#include <algorithm>
#include <sstream>

namespace aiops {
namespace {

constexpr std::int64_t kMostRows = 14 * 24 * 60;
constexpr Time kEver = FromUnixMillis(INT64_MAX);

std::string BlobName(const std::string& scope) { return "history\x1f" + scope; }

// The newest samples of the entity that has most of them, up to what a training needs.
Result<std::vector<Sample>> BestKnown(const Scope& scope, const Store& store, Time after,
                                      size_t enough) {
  std::vector<Sample> best;
  AIOPS_TRY(const auto entities, store.ReadEntities(scope.name, after));
  for (const auto& row : entities) {
    AIOPS_TRY(auto samples, store.ReadSamples({row.key, after, kEver, std::nullopt, enough}));
    if (samples.size() > best.size()) best = std::move(samples);
    if (best.size() >= enough) break;
  }
  return best;
}

bool KnowsAll(const Scope& scope, std::uint64_t schema, const SchemaNames& schemas) {
  return std::all_of(scope.features.begin(), scope.features.end(), [&](const Feature& feature) {
    return Knows(schema, feature.name, scope, schemas);
  });
}

}  // namespace

StateBlob ToBlob(const HistoryProgress& progress) {
  std::ostringstream value;
  value << (progress.done ? 1 : 0) << ' ' << progress.rows << ' ' << progress.samples << ' '
        << UnixMillis(progress.until) << ' ';
  for (const bool seen : progress.seen) value << (seen ? '1' : '0');
  return {BlobName(progress.scope), progress.schema, progress.read_to, value.str()};
}

std::optional<HistoryProgress> FromBlob(const StateBlob& blob, const Scope& scope) {
  HistoryProgress out{scope.name, SchemaHash(scope), blob.watermark, {}};
  if (blob.name != BlobName(scope.name) || blob.schema != out.schema) return std::nullopt;
  std::istringstream value(blob.value);
  std::string seen;
  std::int64_t until = 0;
  if (!(value >> out.done >> out.rows >> out.samples >> until >> seen)) return std::nullopt;
  out.until = FromUnixMillis(until);
  if (seen.size() != scope.features.size()) return std::nullopt;
  for (const char c : seen) out.seen.push_back(c == '1');
  return out;
}

Result<std::optional<Time>> HistoryUntil(const Store& store, const std::string& scope) {
  AIOPS_TRY(const auto blob, store.ReadState(BlobName(scope)));
  std::istringstream value(blob ? blob->value : "");
  bool done = false;
  std::int64_t rows = 0, samples = 0, until = 0;
  if (!(value >> done >> rows >> samples >> until)) return std::optional<Time>();
  return std::optional(FromUnixMillis(until));
}

Duration HistorySpan(const Config& config) {
  return std::min({config.collect.backfill, config.store.retention_samples,
                   kMostRows * config.collect.interval});
}

Result<std::vector<HistoryProgress>> PlanHistory(const Config& config, const Store& store,
                                                 const SchemaNames& schemas, Time until) {
  const Time from = FloorTo(until - HistorySpan(config), config.collect.interval);
  const auto enough = static_cast<size_t>(config.detect.forest.min_samples);
  std::vector<HistoryProgress> out;
  for (const Scope& scope : config.scopes) {
    AIOPS_TRY(const auto blob, store.ReadState(BlobName(scope.name)));
    if (auto begun = blob ? FromBlob(*blob, scope) : std::nullopt) {
      begun->read_to = std::max(begun->read_to, from);
      out.push_back(*std::move(begun));
      continue;
    }
    HistoryProgress fresh{scope.name, SchemaHash(scope), from, until};
    fresh.seen.resize(scope.features.size());
    AIOPS_TRY(const auto known, BestKnown(scope, store, from, enough));
    fresh.newcomers = known.size() >= enough;
    fresh.done = fresh.newcomers && KnowsAll(scope, known.back().schema, schemas);
    out.push_back(std::move(fresh));
  }
  return out;
}

}  // namespace aiops
