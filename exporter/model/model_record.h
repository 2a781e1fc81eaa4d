// ModelRecord: what is remembered of a training, whether its model came into use or not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/entity.h"

namespace aiops {

// Stored as numbers: never reorder.
enum class ModelState : std::uint8_t {
  kInUse,    // judges; at most one of an entity
  kEarlier,  // did; kept to go back to
  kRefused,  // was fitted and tried, and not taken
  kFailed,   // could not be fitted
};
std::string_view ToString(ModelState state);  // "in_use", "earlier", "refused", "failed"
std::optional<ModelState> ParseModelState(std::string_view text);

// Why a sample of the window was left out; of several reasons the first. Stored in this order.
enum class Exclusion : std::uint8_t { kMaintenance, kMute, kConfirmedReal, kLowCoverage, kPartial };
inline constexpr size_t kExclusionCount = 5;
std::string_view ToString(Exclusion reason);  // "maintenance", "mute", "confirmed_real", ...
using Exclusions = std::array<size_t, kExclusionCount>;

// How a model of the same rows without the newest did on those.
struct Trial {
  size_t rows = 0;    // that were held out; 0: there was no trial
  size_t alerts = 0;  // samples among them that it alerted about
  std::optional<size_t>
      alerts_in_use;    // of the model in use, in that time; nullopt: it is the first
  bool passed = false;  // few enough for a model to be trusted for it
};

// Whether a model may say CRITICAL.
struct Trust {
  bool holds = false;
  std::string_view because;  // a sentence without its end
};

struct ModelRecord {
  std::int64_t id = 0;  // given by the store, in order of the trainings
  EntityKey key;
  ModelState state = ModelState::kInUse;
  std::string reason;  // why it was refused, or failed; of others what is odd
  Time trained_at;
  std::optional<Time> used_from;  // when it came into use, the last time
  std::string why;                // it was trained: "schedule", "command", ...; empty: not known
  size_t rows = 0;                // 0, as the next two and `bytes`: not known
  Time first_sample;              // of its window
  Time last_sample;
  Exclusions excluded{};
  Trial trial;
  size_t bytes = 0;  // as it is stored
  std::uint64_t schema = 0;

  // Of the samples in the window, by reason.
  double ExcludedShare(Exclusion of) const {
    const size_t all = std::accumulate(excluded.begin(), excluded.end(), rows);
    const size_t out = excluded[static_cast<size_t>(of)];
    return all == 0 ? 0 : static_cast<double>(out) / static_cast<double>(all);
  }
};

}  // namespace aiops
