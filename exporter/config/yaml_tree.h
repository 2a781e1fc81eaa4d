// YamlNode: aiops.yml as a small tree that remembers lines, built from yaml-cpp's events so that a
// hostile file is refused before it costs anything: no anchors, aliases or tags, one document,
// bounded depth and size.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aiops {

inline constexpr size_t kMaxYamlBytes = 1 << 20;
inline constexpr size_t kMaxYamlDepth = 20;
inline constexpr size_t kMaxYamlMembers = 10'000;  // of one mapping or list

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };
  Kind kind = Kind::kNull;
  int line = 0;                    // of the key for members of a mapping, else of the value; from 1
  std::string key;                 // for members of a mapping
  std::string text;                // for scalars
  std::vector<YamlNode> children;  // of a mapping (keys are unique), or of a sequence

  // The member of a mapping, or null.
  const YamlNode* Find(std::string_view name) const;
  // The same through nested mappings: "prometheus.url". A member with dots in its name comes first.
  const YamlNode* FindPath(std::string_view path) const;
};

// "text", "a mapping", "a list" or "nothing": says nothing of what may be a secret.
std::string DescribeKind(const YamlNode& node);
// The same, but of a scalar the text in quotes, sanitised and capped.
std::string Describe(const YamlNode& node);

struct YamlProblem {
  int line = 0;  // 0: the whole file
  std::string key;
  std::string message;
};

struct YamlTree {
  YamlNode root;  // null after a problem that leaves no meaning; of duplicate keys the first stays
  std::vector<YamlProblem> problems;
};

// Never throws.
YamlTree ParseYaml(std::string_view text);

}  // namespace aiops
