#include "detectors/expected_hours.h"

#include <algorithm>
#include <cmath>

namespace aiops {
namespace {

constexpr Duration kDay = hours(24);
constexpr double kRoom = 1.5;  // of the strongest before
constexpr double kFade = 0.8;  // of the strongest, a day
constexpr double kStep = 1.0 / 16;
// Seven days without today, and the same weekday of four weeks.
constexpr std::uint32_t kRecent = 0xfe | 1u << 14 | 1u << 21 | 1u << 28;

// Local days. Zones within 12 hours of UTC keep the date; of others only the difference counts.
std::int64_t DayOf(const Moment& at) {
  const Duration of_day{at.of_week.count() % kDay.count()};
  return FloorTo(at.time - of_day + hours(12), kDay).time_since_epoch() / kDay;
}

// As seen so many days later; a clock that was set back changes nothing.
std::uint32_t Later(std::uint32_t days, std::int64_t by) {
  return by < 0 ? days : by < 32 ? days << by : 0;
}

std::uint8_t Sixteenths(double v) {
  return static_cast<std::uint8_t>(std::min(std::ceil(v / kStep), 255.0));
}

}  // namespace

double ExpectedHours::Bar(const Moment& at) const {
  const std::int64_t later = DayOf(at) - day_;
  const size_t slot = SeasonProfile::SlotOf(at.of_week);
  Slot around;
  for (const size_t back : {kSlots - 1, size_t{0}, size_t{1}, size_t{2}}) {
    const Slot& each = slots_[(slot + kSlots - back) % kSlots];
    around.marked |= each.marked;
    around.days |= each.days;
    around.before = std::max(around.before, each.before);
    if (later > 0) around.before = std::max(around.before, each.today);
  }
  if (!around.marked || (Later(around.days, later) & kRecent) == 0) return 0;
  return kRoom * kStep * around.before;
}

void ExpectedHours::Begin(std::int64_t day) {
  if (day <= day_) return;
  for (Slot& slot : slots_) {
    const std::uint32_t days = Later(slot.days, day - day_);
    const auto faded = static_cast<std::uint8_t>(kFade * slot.before);
    const std::uint8_t before = slot.today == 0 ? slot.before : std::max(faded, slot.today);
    slot = days == 0 ? Slot{} : Slot{days, before, 0, slot.marked};
  }
  day_ = day;
}

void ExpectedHours::Learn(const Moment& at, double v) {
  Begin(DayOf(at));
  if (!(v > 1)) return;
  Slot& slot = slots_[SeasonProfile::SlotOf(at.of_week)];
  slot.days |= 1;
  slot.today = std::max(slot.today, Sixteenths(v));
}

void ExpectedHours::Mark(const Moment& at, bool expected, double v) {
  const std::int64_t day = DayOf(at);
  Begin(day);
  Slot& slot = slots_[SeasonProfile::SlotOf(at.of_week)];
  slot.marked = expected;
  const std::uint32_t then = Later(1, day_ - day);
  if (!expected || then == 0 || !(v > 1)) return;
  slot.days |= then;
  std::uint8_t& strongest = day < day_ ? slot.before : slot.today;
  strongest = std::max(strongest, Sixteenths(v));
}

void ExpectedHours::Save(BlobWriter& out) const {
  out.U64(static_cast<std::uint64_t>(day_));
  for (const Slot& slot : slots_) {
    out.U32(slot.days);
    out.U16(static_cast<std::uint16_t>(slot.before << 8 | slot.today));
    out.U16(slot.marked ? 1 : 0);
  }
}

Result<void> ExpectedHours::Load(BlobReader& in) {
  day_ = static_cast<std::int64_t>(in.U64());
  bool sane = day_ >= kNever && day_ <= -kNever;
  for (Slot& slot : slots_) {
    slot.days = in.U32();
    const std::uint16_t greatest = in.U16(), marked = in.U16();
    slot.before = static_cast<std::uint8_t>(greatest >> 8);
    slot.today = static_cast<std::uint8_t>(greatest & 0xff);
    slot.marked = marked == 1;
    sane = sane && marked <= 1;
  }
  return in.ok() && sane ? Result<void>{} : Corruption("an impossible record of expected hours");
}

}  // namespace aiops
