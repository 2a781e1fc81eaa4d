#include "pipeline/group_story.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kLeastAffected = 5;
constexpr size_t kMostLabels = 3;
constexpr size_t kMostValueBytes = 64;

using Label = std::pair<std::string, std::string>;

struct Counts {
  size_t affected = 0;
  size_t others = 0;
};

// Labels that at least so many of the affected have.
std::map<Label, Counts> CountLabels(const std::vector<GroupMember>& members, size_t least) {
  std::map<Label, Counts> seen;
  for (const GroupMember& member : members)
    if (member.affected)
      for (const Label& label : *member.labels) ++seen[label].affected;
  std::erase_if(seen, [&](const auto& entry) { return entry.second.affected < least; });
  for (const GroupMember& member : members)
    if (!member.affected)
      for (const Label& label : *member.labels)
        if (const auto found = seen.find(label); found != seen.end()) ++found->second.others;
  return seen;
}

// 3000 -> "3,000".
std::string Grouped(size_t n) {
  std::string digits = std::to_string(n);
  for (size_t left = digits.size(); left > 3; left -= 3) digits.insert(left - 3, ",");
  return digits;
}

std::string Quoted(const std::string& value) {
  std::string out = "\"";
  for (const char c : Sanitize(value, kMostValueBytes)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// In whole per cent, never 100 unless it is all.
std::string ShareText(size_t part, size_t whole) {
  return part == whole ? "all" : std::to_string(100 * part / whole) + " %";
}

}  // namespace

std::optional<GroupStory> TellGroup(const std::string& scope,
                                    const std::vector<GroupMember>& members) {
  GroupStory story{scope, 0, members.size(), {}, ""};
  for (const GroupMember& member : members) story.affected += member.affected ? 1 : 0;
  if (story.affected < kLeastAffected) return std::nullopt;
  const size_t others = story.entities - story.affected;
  std::vector<std::pair<Counts, Label>> telling;
  for (const auto& [label, counts] : CountLabels(members, (95 * story.affected + 99) / 100))
    if (others > 0 && 2 * counts.others <= others) telling.emplace_back(counts, label);
  std::stable_sort(telling.begin(), telling.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first.others, b.first.affected) <
           std::tuple(b.first.others, a.first.affected);
  });
  telling.resize(std::min(telling.size(), kMostLabels));
  story.text = Grouped(story.affected) + " of " + Grouped(story.entities) + " entities";
  for (const auto& [counts, label] : telling) {
    story.text += ", " + ShareText(counts.affected, story.affected) + " " + label.first + "=" +
                  Quoted(label.second);
    story.shared.push_back(label);
  }
  return story;
}

}  // namespace aiops
