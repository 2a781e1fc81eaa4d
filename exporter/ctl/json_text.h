// Reading JSON that somebody else wrote: no type is taken for granted, nothing throws. For .cc
// files of this room.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace aiops {

// Keeps the order of members: people read it.
using Json = nlohmann::ordered_json;

// Nothing if it is not JSON or is nested deeper than 40.
std::optional<Json> ParseJson(std::string_view text);

// The member, or null where there is none.
const Json& Member(const Json& object, const char* key);

// A value for people: texts as they are (sanitised), numbers short, null as "-", others as JSON.
std::string TextOf(const Json& value);
inline std::string TextOf(const Json& object, const char* key) {
  return TextOf(Member(object, key));
}

// A feature's value, and what was expected, as messages say it: "31.7 %", "0 % to 16.1 %". "-"
// where it is not known.
std::string ValueText(const Json& feature);
std::string BandText(const Json& feature);
// "0.42" of a score, "90 %" of a share of 1.
std::string ScoreText(const Json& object, const char* key);
std::string PercentText(const Json& object, const char* key);

// A time in RFC 3339; nullopt for anything else.
std::optional<Time> TimeIn(const Json& object, const char* key);

// A time for people: UTC without milliseconds, "2026-11-23T03:12:00Z"; anything else as TextOf.
std::string MomentText(const Json& object, const char* key);

// "3m ago" for a time in RFC 3339; "-" for null.
std::string AgoOf(const Json& object, const char* key, Time now);

// Whether the member is true.
bool IsTrue(const Json& object, const char* key);

// The document again, indented, safe for a terminal.
std::string PrintJson(const Json& json);

// Any document for people: members one a line, lists of objects as tables.
std::string PrintForPeople(const Json& json, const std::string& indent = "");

}  // namespace aiops
