#include <date/tz.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "config/cron.h"
#include "config/zone_rules.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

const date::time_zone* Cast(const void* zone) { return static_cast<const date::time_zone*>(zone); }

// The library throws for an unknown name as for a missing database.
Result<const date::time_zone*> Locate(const std::string& name) {
  const auto shown = "time zone '" + Sanitize(name, 60) + "'";
  if (name.size() > 100) return InvalidArgument(shown + " is not known");
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
  }
  try {
    date::locate_zone("Europe/London");
  } catch (const std::exception&) {
    return Unavailable(shown +
                       " cannot be looked up: there is no time zone database here "
                       "(install the package tzdata)");
  }
  return InvalidArgument(shown + " is not known, want a name like Asia/Seoul");
}

const date::time_zone* SystemZone() {
  try {
    return date::current_zone();
  } catch (const std::exception&) {
    return nullptr;
  }
}

bool IsUtc(std::string_view name) { return name == "UTC" || name == "Etc/UTC"; }

}  // namespace

Result<TimeZone> TimeZone::Open(std::string_view name) {
  if (name.empty()) {
    const char* tz = std::getenv("TZ");
    std::string wanted = tz ? tz : "";
    if (wanted.starts_with(':')) wanted.erase(0, 1);
    if (IsUtc(wanted)) return TimeZone(nullptr, "UTC");
    // TZ may hold a POSIX rule or a path, which are not ours to read.
    if (!wanted.empty())
      if (const auto zone = Locate(wanted)) return TimeZone(*zone, wanted);
    const auto* zone = SystemZone();
    return TimeZone(zone, zone ? zone->name() : "UTC");
  }
  if (IsUtc(name)) return TimeZone(nullptr, std::string(name));
  AIOPS_TRY(const auto* zone, Locate(std::string(name)));
  return TimeZone(zone, std::string(name));
}

Time ZoneRules::ToLocal(Time t) const {
  if (!zone_) return t;
  try {
    return t + Cast(zone_)->get_info(date::floor<seconds>(t)).offset;
  } catch (const std::exception&) {
    return t;
  }
}

Instants ZoneRules::FromLocal(Time local) const {
  if (!zone_) return {Instants::Kind::kUnique, local, local};
  try {
    const auto at = date::local_time<Duration>(local.time_since_epoch());
    const auto info = Cast(zone_)->get_info(at);
    switch (info.result) {
      case date::local_info::nonexistent:
        return {Instants::Kind::kGap, Time(info.first.end), Time(info.first.end)};
      case date::local_info::ambiguous:
        return {Instants::Kind::kTwice, local - info.first.offset, local - info.second.offset};
      default:
        return {Instants::Kind::kUnique, local - info.first.offset, local};
    }
  } catch (const std::exception&) {
    return {Instants::Kind::kUnique, local, local};
  }
}

std::string TimeZone::Format(Time t) const {
  using namespace std::chrono;
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
  const Time local = ZoneRules(*this).ToLocal(t);
  const auto day = floor<days>(local);
  const std::string text = FormatTime(local);  // "2026-11-23T03:02:..."
  return std::string(kDays[weekday(day).c_encoding()]) + " " + text.substr(0, 10) + " " +
         text.substr(11, 5);
}

}  // namespace aiops
