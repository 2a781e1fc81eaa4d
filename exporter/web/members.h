// The members of a body that comes in: texts, each known by name and bounded.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace aiops {

using TextMembers = std::map<std::string, std::string>;   // sanitised
using MemberLimits = std::map<std::string, std::size_t>;  // longest text, in characters

// An empty body has none. "why", "comment" and "by" may always be there, besides those of `known`.
// The error is the sentence for the 400.
Result<TextMembers> ReadMembers(const std::string& body, MemberLimits known = {});

std::string TextIn(const TextMembers& members, const char* name);  // empty where it is not
std::string ReasonIn(const TextMembers& members);                  // why and comment
std::string AuthorIn(const TextMembers& members);                  // by, or empty

}  // namespace aiops
