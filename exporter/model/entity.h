// Whom a feature vector describes.
#pragma once

#include <compare>
#include <string>
#include <utility>
#include <vector>

namespace aiops {

// Label name -> value, sorted by name, names unique. Names match [a-zA-Z_][a-zA-Z0-9_]*; values are
// valid UTF-8, capped (text/sanitize.h): collectors make them so.
using Labels = std::vector<std::pair<std::string, std::string>>;

// One entity within one scope: the key of everything that is kept per entity.
struct EntityKey {
  std::string scope;
  std::string entity;
  auto operator<=>(const EntityKey&) const = default;
};

}  // namespace aiops
