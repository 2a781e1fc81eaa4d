// GroupStory: one sentence about many entities that are in trouble at once, by the labels that they
// share.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/entity.h"

namespace aiops {

struct GroupStory {
  std::string scope;
  size_t affected = 0;
  size_t entities = 0;
  Labels shared;     // what sets the affected apart, the most telling first; at most three
  std::string text;  // 214 of 3,000 entities, all az="b"
};

// One of a scope's entities.
struct GroupMember {
  const Labels* labels = nullptr;
  bool affected = false;
};

// nullopt: fewer than five are affected. A label is told that at least 95 % of the affected have,
// and at most half of the others; the fewer of these, the more telling. Deterministic. Values are
// quoted, so that none can pass for another word of the sentence, and cut to 64 characters.
std::optional<GroupStory> TellGroup(const std::string& scope,
                                    const std::vector<GroupMember>& members);

}  // namespace aiops
