#include "pipeline/silences.h"

#include <algorithm>

#include "model/sample.h"

namespace aiops {
namespace {

constexpr Duration kLatestSample = hours(24 * 7);  // how late a log line may still make a sample

std::uint32_t FlagOf(SilenceKind kind) {
  return kind == SilenceKind::kWindow ? kMaintenance : kMuted;
}

}  // namespace

void Silences::Restore(std::vector<Silence> stored) {
  silences_ = std::move(stored);
  for (const Silence& silence : silences_) max_id_ = std::max(max_id_, silence.id);
}

Result<Silence> Silences::Add(Silence silence, Time now, Changes& changes) {
  if (silences_.size() >= kMost)
    return InvalidArgument("there are " + std::to_string(kMost) +
                           " windows and mutes already; end some first");
  silence.id = ++max_id_;
  silences_.push_back(silence);
  changes.silences.push_back(silence);
  if (silence.starts_at < now) {
    const Time until = std::min(silence.ends_at - Duration(1), now);
    changes.reflags.push_back(
        {silence.scope, silence.entity, silence.starts_at, until, FlagOf(silence.kind), 0});
  }
  return silence;
}

std::optional<Silence> Silences::End(SilenceKind kind, std::int64_t id, Time now,
                                     Changes& changes) {
  for (Silence& silence : silences_) {
    if (silence.id != id || silence.kind != kind || silence.ends_at <= now) continue;
    silence.ends_at = now;
    silence.starts_at = std::min(silence.starts_at, now);
    changes.silences.push_back(silence);
    return silence;
  }
  return std::nullopt;
}

std::uint32_t Silences::FlagsAt(const EntityKey& key, Time time) const {
  std::uint32_t flags = 0;
  for (const Silence& silence : silences_)
    if (silence.Covers(time) && silence.Concerns(key)) flags |= FlagOf(silence.kind);
  return flags;
}

std::vector<Silence> Silences::Pending(Time now) const {
  std::vector<Silence> out;
  std::copy_if(silences_.begin(), silences_.end(), std::back_inserter(out),
               [&](const Silence& s) { return s.ends_at > now; });
  return out;
}

void Silences::Forget(Time now) {
  std::erase_if(silences_, [&](const Silence& s) { return s.ends_at < now - kLatestSample; });
}

}  // namespace aiops
