// Query parameters: what a route says of each of its own, which is what the router enforces and
// what the OpenAPI document tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "web/http.h"

namespace aiops {

struct Param {
  enum class Type { kText, kInteger, kTime, kChoice, kCursor };
  std::string name;
  std::string help;  // one sentence
  Type type = Type::kText;
  bool required = false;
  std::int64_t max = 0;                       // of an integer; the least is 1
  std::optional<std::int64_t> fallback = {};  // of an integer that is absent
  std::vector<std::string> choices = {};
};

Param TextParam(std::string name, std::string help, bool required = false);
Param IntegerParam(std::string name, std::string help, std::int64_t max,
                   std::optional<std::int64_t> fallback = {});
Param TimeParam(std::string name, std::string help);  // RFC 3339
Param ChoiceParam(std::string name, std::string help, std::vector<std::string> choices);
// The `next` of the page before. Lists are newest first by id, so that new rows move no page.
Param CursorParam();
std::string CursorOf(std::int64_t last_id);

// Of valid UTF-8.
size_t CharactersIn(const std::string& utf8);
// Longest text, in characters.
inline constexpr size_t kMaxTextParam = 300;
inline constexpr char kCursorPattern[] = "^p[0-9a-f]{16}$";

// Checks request.params against what the route knows, and fills in what is absent and has a
// fallback. The sentence for the 400, or nothing.
std::optional<std::string> CheckParams(const std::vector<Param>& known, WebRequest& request);

// Checked values; nullopt where absent. A cursor is the id below which the page begins.
std::optional<std::string> TextOf(const WebRequest& request, const std::string& name);
std::optional<std::int64_t> IntegerOf(const WebRequest& request, const std::string& name);
std::optional<Time> TimeOf(const WebRequest& request, const std::string& name);
std::optional<std::int64_t> CursorOf(const WebRequest& request);

}  // namespace aiops
