#include "web/params.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>

#include "text/sanitize.h"

namespace aiops {
namespace {

template <class Int>
std::optional<Int> ParseWhole(std::string_view text, int base = 10) {
  Int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value, base);
  if (failed != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> ParseCursor(std::string_view text) {
  constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
  if (text.size() != 17 || text[0] != 'p') return std::nullopt;
  if (text.find_first_not_of("0123456789abcdef", 1) != std::string_view::npos) return std::nullopt;
  const auto id = ParseWhole<std::uint64_t>(text.substr(1), 16);
  return static_cast<std::int64_t>(std::min<std::uint64_t>(*id, kAll));
}

std::string Joined(const std::vector<std::string>& names, const char* between) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : between) + name;
  return out;
}

// What is allowed, if the value is not.
std::optional<std::string> Wanted(const Param& param, const std::string& value) {
  switch (param.type) {
    case Param::Type::kText:
      if (!value.empty() && IsValidUtf8(value) && CharactersIn(value) <= kMaxTextParam) break;
      return "a text of 1 to " + std::to_string(kMaxTextParam) + " characters in UTF-8";
    case Param::Type::kInteger: {
      const auto number = ParseWhole<std::int64_t>(value);
      if (number && *number >= 1 && *number <= param.max) break;
      return "a whole number from 1 to " + std::to_string(param.max);
    }
    case Param::Type::kTime:
      if (ParseTime(value)) break;
      return "a time like 2026-11-23T03:02:00Z (a '+' in it is written %2B)";
    case Param::Type::kChoice:
      if (std::find(param.choices.begin(), param.choices.end(), value) != param.choices.end())
        break;
      return Joined(param.choices, " or ");
    case Param::Type::kCursor:
      if (ParseCursor(value)) break;
      return "the \"next\" of the page before";
  }
  return std::nullopt;
}

const std::string* Find(const WebRequest& request, const std::string& name) {
  const auto found = request.params.find(name);
  return found == request.params.end() ? nullptr : &found->second;
}

std::optional<std::string> Unknown(const std::vector<Param>& known, const WebRequest& request) {
  for (const auto& [name, value] : request.params) {
    const auto is_it = [&](const Param& param) { return param.name == name; };
    if (std::any_of(known.begin(), known.end(), is_it)) continue;
    std::vector<std::string> names;
    for (const Param& param : known) names.push_back(param.name);
    return "unknown query parameter '" + Sanitize(name, 64) + "'; " +
           (known.empty() ? "this path takes none" : "known: " + Joined(names, ", "));
  }
  return std::nullopt;
}

}  // namespace

size_t CharactersIn(const std::string& utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

Param TextParam(std::string name, std::string help, bool required) {
  return {std::move(name), std::move(help), Param::Type::kText, required};
}

Param IntegerParam(std::string name, std::string help, std::int64_t max,
                   std::optional<std::int64_t> fallback) {
  return {std::move(name), std::move(help), Param::Type::kInteger, false, max, fallback};
}

Param TimeParam(std::string name, std::string help) {
  return {std::move(name), std::move(help), Param::Type::kTime};
}

Param ChoiceParam(std::string name, std::string help, std::vector<std::string> choices) {
  Param param{std::move(name), std::move(help), Param::Type::kChoice};
  param.choices = std::move(choices);
  return param;
}

Param CursorParam() { return {"cursor", "The `next` of the page before.", Param::Type::kCursor}; }

std::string CursorOf(std::int64_t last_id) {
  char text[24];
  std::snprintf(text, sizeof(text), "p%016llx", static_cast<unsigned long long>(last_id));
  return text;
}

std::optional<std::string> CheckParams(const std::vector<Param>& known, WebRequest& request) {
  if (auto unknown = Unknown(known, request)) return unknown;
  for (const Param& param : known) {
    const std::string* value = Find(request, param.name);
    if (value == nullptr) {
      if (param.required) return param.name + ": is missing: " + param.help;
      if (param.fallback) request.params[param.name] = std::to_string(*param.fallback);
      continue;
    }
    if (const auto wanted = Wanted(param, *value)) {
      return param.name + ": found '" + Sanitize(*value, 64) + "', want " + *wanted;
    }
  }
  return std::nullopt;
}

std::optional<std::string> TextOf(const WebRequest& request, const std::string& name) {
  const std::string* value = Find(request, name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::int64_t> IntegerOf(const WebRequest& request, const std::string& name) {
  const std::string* value = Find(request, name);
  return value == nullptr ? std::nullopt : ParseWhole<std::int64_t>(*value);
}

std::optional<Time> TimeOf(const WebRequest& request, const std::string& name) {
  const std::string* value = Find(request, name);
  if (value == nullptr) return std::nullopt;
  const auto time = ParseTime(*value);
  return time ? std::optional(*time) : std::nullopt;
}

std::optional<std::int64_t> CursorOf(const WebRequest& request) {
  const std::string* value = Find(request, "cursor");
  return value == nullptr ? std::nullopt : ParseCursor(*value);
}

}  // namespace aiops
