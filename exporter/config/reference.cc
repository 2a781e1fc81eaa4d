#include "config/reference.h"

#include <map>
#include <string_view>

namespace aiops {
namespace {

constexpr std::string_view kIntroduction = R"(# Configuration

Every key of `aiops.yml`, printed by the program itself. A value comes from a flag, else from an
environment variable, else from the file, else from its default; `/status` shows where each came
from. An empty variable counts as unset. Unknown and duplicate keys are refused with their line.
Durations are written `30s`, `5m`, `1h30m`, `7d`.
)";

struct Group {
  std::string name;
  std::string help;
  std::vector<const KeyDoc*> keys;
};

std::string ParentOf(const std::string& key) {
  const auto dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

// Text in a table's cell.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

std::string Code(std::string_view text) { return text.empty() ? "" : "`" + Cell(text) + "`"; }

// "A, B" -> "`A`, `B`".
std::string Codes(std::string_view names) {
  std::string out;
  while (!names.empty()) {
    const auto comma = names.find(", ");
    out += (out.empty() ? "" : ", ") + Code(names.substr(0, comma));
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 2);
  }
  return out;
}

std::vector<Group> GroupBySection(const std::vector<KeyDoc>& docs) {
  std::vector<Group> groups;
  std::map<std::string, size_t> index;
  const auto group = [&](const std::string& name) -> Group& {
    const auto [at, is_new] = index.emplace(name, groups.size());
    if (is_new) groups.push_back({name, "", {}});
    return groups[at->second];
  };
  for (const auto& doc : docs) {
    if (doc.type == "section")
      group(doc.key).help = doc.help;
    else
      group(ParentOf(doc.key)).keys.push_back(&doc);
  }
  return groups;
}

void PrintGroup(const Group& group, std::string& out) {
  out += group.name.empty() ? "\n## Top level\n" : "\n## " + Code(group.name) + "\n";
  if (!group.help.empty()) out += "\n" + group.help + "\n";
  if (group.keys.empty()) return;
  out += "\n| key | default | allowed | variable | meaning |\n|---|---|---|---|---|\n";
  for (const auto* key : group.keys)
    out += "| " + Code(key->key) + " | " + Code(key->default_value) + " | " + Cell(key->allowed) +
           " | " + Codes(key->env) + " | " + Cell(key->help) + " |\n";
}

}  // namespace

std::string ConfigurationReference(const std::vector<KeyDoc>& docs) {
  std::string out(kIntroduction);
  for (const auto& group : GroupBySection(docs)) PrintGroup(group, out);
  return out;
}

}  // namespace aiops
