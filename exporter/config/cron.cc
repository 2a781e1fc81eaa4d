#include "config/cron.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "config/zone_rules.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

using std::chrono::days;

// Some days more than eight years: 29 February is found across a century without one (2096 to
// 2104).
constexpr int kSearchDays = 8 * 366 + 2;

struct Field {
  std::string_view name;
  int min;
  int max;
  std::string_view names;  // three letters each, the first stands for min (weekdays: 0)
};
constexpr std::array<Field, 5> kFields{{
    {"minute", 0, 59, ""},
    {"hour", 0, 23, ""},
    {"day of month", 1, 31, ""},
    {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
    {"day of week", 0, 7, "sunmontuewedthufrisat"},
}};

std::optional<int> ParseNumber(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text.front() == '-' || error != std::errc{} ||
      end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<int> ParseValue(std::string_view text, const Field& field) {
  if (const auto number = ParseNumber(text)) {
    const bool within = *number >= field.min && *number <= field.max;
    return within ? number : std::nullopt;
  }
  std::string lower(text.substr(0, 4));
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto at = lower.size() == 3 ? field.names.find(lower) : std::string_view::npos;
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  return field.min + static_cast<int>(at / 3);
}

// "*", "5", "1-5", each with an optional "/step"; "5/10" is "5-max/10", as crontab(5)'s heirs read
// it.
bool AddItem(std::string_view item, const Field& field, std::bitset<60>& bits) {
  const auto slash = item.find('/');
  int step = 1;
  if (slash != std::string_view::npos) {
    const auto parsed = ParseNumber(item.substr(slash + 1));
    if (!parsed || *parsed < 1) return false;
    step = *parsed;
    item = item.substr(0, slash);
  }
  int first = field.min, last = field.max;
  if (item != "*") {
    const auto dash = item.find('-');
    const auto from = ParseValue(item.substr(0, dash), field);
    if (!from) return false;
    first = *from;
    if (dash != std::string_view::npos) {
      const auto to = ParseValue(item.substr(dash + 1), field);
      if (!to || *to < first) return false;
      last = *to;
    } else if (slash == std::string_view::npos) {
      last = first;
    }
  }
  for (int i = first; i <= last && i - first <= 60; i += std::min(step, 61))
    bits.set(static_cast<size_t>(i));
  return true;
}

Result<std::bitset<60>> ParseField(std::string_view text, const Field& field) {
  std::bitset<60> bits;
  const std::string_view whole = text;
  for (;;) {
    const auto comma = text.find(',');
    if (!AddItem(text.substr(0, comma), field, bits))
      return InvalidArgument(std::string(field.name) + " '" + Sanitize(whole, 40) + "' of a cron " +
                             "expression must be *, or numbers, ranges and steps from " +
                             std::to_string(field.min) + " to " + std::to_string(field.max));
    if (comma == std::string_view::npos) return bits;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> SplitBlanks(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t i = 0; i < text.size() && words.size() < 10;) {
    const auto begin = text.find_first_not_of(" \t", i);
    if (begin == std::string_view::npos) break;
    i = std::min(text.find_first_of(" \t", begin), text.size());
    words.push_back(text.substr(begin, i - begin));
  }
  return words;
}

template <size_t N>
std::bitset<N> Narrow(const std::bitset<60>& bits) {
  return std::bitset<N>(bits.to_ullong());
}

bool AllFrom(const std::bitset<60>& bits, size_t first, size_t last) {
  for (size_t i = first; i <= last; ++i)
    if (!bits[i]) return false;
  return true;
}

}  // namespace

Result<Cron> Cron::Parse(std::string_view expression) {
  const auto words = SplitBlanks(expression);
  if (words.size() != kFields.size())
    return InvalidArgument("'" + Sanitize(expression, 60) +
                           "' is not a cron expression: want 5 "
                           "fields like '0 3 * * 0' (minute hour day month weekday)");
  std::array<std::bitset<60>, 5> bits;
  for (size_t i = 0; i < kFields.size(); ++i) {
    AIOPS_TRY(bits[i], ParseField(words[i], kFields[i]));
  }
  if (bits[4][7]) bits[4].set(0);
  bits[4].reset(7);
  Cron cron;
  cron.expression_ = std::string(expression);
  cron.minute_ = bits[0];
  cron.hour_ = Narrow<24>(bits[1]);
  cron.day_ = Narrow<32>(bits[2]);
  cron.month_ = Narrow<13>(bits[3]);
  cron.weekday_ = Narrow<7>(bits[4]);
  cron.any_hour_ = AllFrom(bits[1], 0, 23);
  cron.any_day_ = AllFrom(bits[2], 1, 31);
  cron.any_weekday_ = AllFrom(bits[4], 0, 6);
  return cron;
}

bool Cron::MatchesDay(Time local_day) const {
  const auto day = std::chrono::floor<days>(local_day);
  const std::chrono::year_month_day date{day};
  if (!month_[static_cast<unsigned>(date.month())]) return false;
  const bool by_day = day_[static_cast<unsigned>(date.day())];
  const bool by_weekday = weekday_[std::chrono::weekday(day).c_encoding()];
  if (any_day_) return by_weekday;
  if (any_weekday_) return by_day;
  return by_day || by_weekday;
}

std::optional<Time> Cron::NextOnDay(Time local_day, Time after, const TimeZone& zone) const {
  if (!MatchesDay(local_day)) return std::nullopt;
  const ZoneRules rules(zone);
  std::optional<Time> best;
  const auto offer = [&](Time t) {
    if (t > after && (!best || t < *best)) best = t;
  };
  for (int i = 0; i < 24 * 60; ++i) {
    if (!hour_[static_cast<size_t>(i / 60)] || !minute_[static_cast<size_t>(i % 60)]) continue;
    const Instants at = rules.FromLocal(local_day + minutes(i));
    if (at.kind != Instants::Kind::kGap || !any_hour_) offer(at.first);
    if (at.kind == Instants::Kind::kTwice && any_hour_) offer(at.second);
  }
  return best;
}

std::optional<Time> Cron::Next(Time after, const TimeZone& zone) const {
  // From the day before: a gap at midnight moves its times to the next day.
  const Time today = FloorTo(ZoneRules(zone).ToLocal(after), days(1)) - days(1);
  for (int i = 0; i <= kSearchDays; ++i) {
    const auto here = NextOnDay(today + days(i), after, zone);
    if (!here) continue;
    // Clocks that are set back across midnight let a time of the next day come first.
    const auto next = NextOnDay(today + days(i + 1), after, zone);
    return next ? std::min(*here, *next) : *here;
  }
  return std::nullopt;
}

}  // namespace aiops
