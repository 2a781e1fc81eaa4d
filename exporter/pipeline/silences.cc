#include "pipeline/silences.h"

#include <algorithm>

#include "model/sample.h"

namespace aiops {
namespace {

constexpr Duration kLatestSample = hours(24 * 7);  // how late a log line may still make a sample
constexpr Duration kListed = hours(24 * 31);

std::uint32_t FlagOf(SilenceKind kind) {
  return kind == SilenceKind::kWindow ? kMaintenance : kMuted;
}

}  // namespace

void Silences::Restore(std::vector<Silence> stored) {
  silences_ = std::move(stored);
  for (const Silence& silence : silences_) max_id_ = std::max(max_id_, silence.id);
}

// The one that ended first, if nothing needs it any more.
void Silences::MakeRoom(Time now) {
  const auto first =
      std::min_element(silences_.begin(), silences_.end(),
                       [](const Silence& a, const Silence& b) { return a.ends_at < b.ends_at; });
  if (first != silences_.end() && first->ends_at < now - kLatestSample) silences_.erase(first);
}

Result<Silence> Silences::Add(Silence silence, Time now, Changes& changes) {
  if (silences_.size() >= kMost) MakeRoom(now);
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

// What others of its kind cover stays marked.
void Silences::Unmark(const Silence& silence, Changes& changes) const {
  const auto mark = [&](const Silence& of, std::uint32_t set, std::uint32_t clear) {
    changes.reflags.push_back({of.scope, of.entity, std::max(of.starts_at, silence.starts_at),
                               std::min(of.ends_at, silence.ends_at) - Duration(1), set, clear});
  };
  mark(silence, 0, FlagOf(silence.kind));
  for (const Silence& other : silences_)
    if (other.kind == silence.kind && other.id != silence.id && other.starts_at < silence.ends_at &&
        silence.starts_at < other.ends_at)
      mark(other, FlagOf(other.kind), 0);
}

std::optional<Silences::Ended> Silences::End(SilenceKind kind, std::int64_t id, Time now,
                                             Changes& changes) {
  for (Silence& silence : silences_) {
    if (silence.id != id || silence.kind != kind || silence.ends_at <= silence.starts_at) continue;
    Ended ended{silence, silence.ends_at <= now};
    if (ended.taken_back) {
      Unmark(silence, changes);
      silence.ends_at = silence.starts_at;
    } else {
      silence.ends_at = now;
      silence.starts_at = std::min(silence.starts_at, now);
      ended.silence = silence;
    }
    changes.silences.push_back(silence);
    return ended;
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

std::vector<Silence> Silences::Past(Time now) const {
  std::vector<Silence> out;
  std::copy_if(silences_.begin(), silences_.end(), std::back_inserter(out),
               [&](const Silence& s) { return s.starts_at < s.ends_at && s.ends_at <= now; });
  return out;
}

void Silences::Forget(Time now) {
  std::erase_if(silences_, [&](const Silence& s) { return s.ends_at < now - kListed; });
}

}  // namespace aiops
