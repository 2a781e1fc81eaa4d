// Silence: a time in which what happens is judged and stored, told to nobody, and not trained on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/entity.h"

namespace aiops {

enum class SilenceKind : std::uint8_t {
  kWindow,  // maintenance: planned, may lie in the future or, to mend the training, in the past
  kMute,    // from now on: "I know"
};
std::string_view ToString(SilenceKind kind);  // "window", "mute"

struct Silence {
  std::int64_t id = 0;  // one row of numbers for both kinds
  SilenceKind kind = SilenceKind::kWindow;
  std::string scope;   // empty: every scope
  std::string entity;  // empty: every entity
  Time starts_at;
  Time ends_at;  // exclusive
  std::string by;
  std::string why;

  bool Concerns(const EntityKey& key) const {
    return (scope.empty() || scope == key.scope) && (entity.empty() || entity == key.entity);
  }
  bool Covers(Time time) const { return starts_at <= time && time < ends_at; }
};

}  // namespace aiops
