#include "web/members.h"

#include <nlohmann/json.hpp>

#include "text/sanitize.h"
#include "web/json_values.h"
#include "web/params.h"
#include "web/schemas.h"

namespace aiops {
namespace {

constexpr size_t kMaxBytesPerCharacter = 4;

std::string NamesOf(const MemberLimits& known) {
  std::string out;
  for (const auto& [name, most] : known) out += (out.empty() ? "\"" : ", \"") + name + "\"";
  return out;
}

// What is wrong with a member, if anything.
std::optional<std::string> Wrong(const MemberLimits& known, const std::string& name,
                                 const Json& value) {
  const auto it = known.find(name);
  if (it == known.end())
    return "the body may hold only " + NamesOf(known) + "; found '" + Sanitize(name, 64) + "'";
  if (value.is_string() && CharactersIn(value.get_ref<const std::string&>()) <= it->second)
    return std::nullopt;
  return name + ": want a text of at most " + std::to_string(it->second) + " characters";
}

}  // namespace

Result<TextMembers> ReadMembers(const std::string& text, MemberLimits known) {
  known.insert({{"why", kMaxWhy}, {"comment", kMaxWhy}, {"by", kMaxBy}});
  TextMembers members;
  if (text.empty()) return members;
  const auto body = ParseStrictJson(text);
  if (!body) return InvalidArgument("the body is refused: " + body.error().message);
  if (!body->is_object()) return InvalidArgument("the body is not a JSON object");
  for (const auto& [name, value] : body->items()) {
    if (const auto wrong = Wrong(known, name, value)) return InvalidArgument(*wrong);
    members[name] = Sanitize(value.get<std::string>(), kMaxBytesPerCharacter * known[name]);
  }
  return members;
}

std::string TextIn(const TextMembers& members, const char* name) {
  const auto it = members.find(name);
  return it == members.end() ? "" : it->second;
}

std::string ReasonIn(const TextMembers& members) {
  const std::string why = TextIn(members, "why"), comment = TextIn(members, "comment");
  return why + (why.empty() || comment.empty() ? "" : "; ") + comment;
}

std::string AuthorIn(const TextMembers& members) { return TextIn(members, "by"); }

}  // namespace aiops
