#include "config/document_state.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "text/sanitize.h"

namespace aiops {
namespace {

// Variables with names of their own. Known from the start, so that one whose reader is not linked
// in is neither unknown nor lost to Present().
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kAliases{{
    {"AGENT_OLLAMA_BASE_URL", "analyze.ollama.base_url"},
    {"AGENT_OLLAMA_MODEL", "analyze.ollama.model"},
    {"AGENT_TELEGRAM_BOT_TOKEN", "notify.telegram.bot_token"},
    {"AGENT_TELEGRAM_CHAT_ID", "notify.telegram.chat_id"},
    {"AGENT_ANOMALY_CONTAMINATION", "detect.isolation_forest.contamination"},
    {"AGENT_EWMA_LAMBDA", "detect.ewma.lambda"},
    {"AGENT_EWMA_SIGMA", "detect.ewma.sigma"},
    {"AGENT_COLLECT_INTERVAL_MINUTES", "collect.interval"},
    {"AGENT_DETECT_INTERVAL_MINUTES", "detect.interval"},
}};

constexpr std::string_view kPrefix = "AGENT_";
constexpr size_t kMaxProblems = 1000;  // nobody reads more, and a hostile file could make 100,000
constexpr int kOutsideFile = std::numeric_limits<int>::max();

bool IsBelow(std::string_view path, std::string_view section) {
  return section.empty() ||
         (path.starts_with(section) && path.size() > section.size() && path[section.size()] == '.');
}

// Filled in place: GCC 12 takes a temporary Given for uninitialised.
std::optional<Given> GivenOutside(std::string where, std::string text, std::string_view unit) {
  std::optional<Given> given(std::in_place);
  given->place = {kOutsideFile, std::move(where)};
  given->text = std::move(text);
  given->unit = unit;
  return given;
}

}  // namespace

std::string EnvName(std::string_view path) {
  std::string name(kPrefix);
  for (const char c : path)
    name += c == '.' || c == '-'   ? '_'
            : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A')
                                   : c;
  return name;
}

std::string Given::Found() const { return node ? Describe(*node) : "'" + Sanitize(text, 60) + "'"; }

DocumentState::DocumentState(Sources sources) : sources_(std::move(sources)) {
  std::erase_if(sources_.env, [](const auto& variable) { return variable.second.empty(); });
  keys_[""];  // the root counts as asked
  tree_ = ParseYaml(sources_.text);
  auto& root = tree_.root;
  if (root.kind != YamlNode::Kind::kNull && root.kind != YamlNode::Kind::kMapping) {
    tree_.problems.push_back({root.line, "", "found " + Describe(root) + ", want a mapping"});
    root = {};
  }
  for (auto& problem : tree_.problems)
    AddProblem(InFile(problem.line), std::move(problem.key), std::move(problem.message));
  for (const auto& [variable, path] : kAliases)
    variables_[std::string(path)] = {EnvName(path), std::string(variable)};
}

Place DocumentState::InFile(int line) const {
  std::string where = sources_.file.empty() ? "configuration" : sources_.file;
  if (line > 0) where += ":" + std::to_string(line);
  return {line, std::move(where)};
}

void DocumentState::Declare(const KeyRef& ref, KeyDoc doc) {
  keys_[ref.section_path].insert(ref.key);
  if (ref.has_env) {
    auto& names = variables_[ref.path];
    std::vector<std::string> all{EnvName(ref.path)};
    all.insert(all.end(), ref.aliases.begin(), ref.aliases.end());
    for (auto& name : all)
      if (std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
    for (const auto& name : names) doc.env += (doc.env.empty() ? "" : ", ") + name;
  }
  if (seen_.insert("doc " + ref.path).second) {
    doc.key = ref.path;
    docs_.push_back(std::move(doc));
  }
}

void DocumentState::DeclareSection(const KeyRef& ref, std::string_view help,
                                   std::string_view members) {
  keys_[ref.section_path].insert(ref.key);
  if (members.empty()) keys_[ref.path];  // whatever nobody asks of it is unknown
  if (help.empty() || !seen_.insert("doc " + ref.path).second) return;
  docs_.push_back(
      {.key = ref.path + std::string(members), .type = "section", .help = std::string(help)});
}

void DocumentState::Record(const KeyRef& ref, const std::optional<Given>& given,
                           std::string value) {
  if (!seen_.insert("origin " + ref.path).second) return;
  origins_.push_back({ref.path, std::move(value), given ? given->place.where : "default"});
}

std::optional<Given> DocumentState::FromFlag(const KeyRef& ref) const {
  const auto flag = sources_.flags.find(ref.path);
  if (!ref.has_env || flag == sources_.flags.end()) return std::nullopt;
  const auto name = sources_.flag_names.find(ref.path);
  const std::string shown = name == sources_.flag_names.end() ? "--" + ref.path : name->second;
  return GivenOutside("flag " + shown, flag->second, {});
}

std::optional<Given> DocumentState::EnvValue(const std::string& name, std::string_view unit) const {
  const auto variable = sources_.env.find(name);
  if (variable == sources_.env.end()) return std::nullopt;
  return GivenOutside("environment " + name, variable->second, unit);
}

std::optional<Given> DocumentState::FromEnv(const KeyRef& ref) const {
  if (!ref.has_env) return std::nullopt;
  if (auto given = EnvValue(EnvName(ref.path), {})) return given;
  for (const auto& alias : ref.aliases)
    if (auto given = EnvValue(alias, ref.alias_unit)) return given;
  return std::nullopt;
}

std::optional<Given> DocumentState::FromFile(const KeyRef& ref) const {
  const YamlNode* node = ref.section ? ref.section->FindPath(ref.key) : nullptr;
  if (!node) return std::nullopt;
  return Given{.place = InFile(node->line), .node = node};
}

std::optional<Given> DocumentState::Find(const KeyRef& ref) const {
  if (auto given = FromFlag(ref)) return given;
  if (auto given = FromEnv(ref)) return given;
  return FromFile(ref);
}

bool DocumentState::GivenOutsideFile(std::string_view path, bool below) const {
  const std::string name = EnvName(path);
  for (const auto& [key, text] : sources_.flags)
    if (key == path || (below && IsBelow(key, path))) return true;
  for (const auto& [variable, text] : sources_.env)
    if (variable == name || (below && variable.starts_with(path.empty() ? name : name + "_")))
      return true;
  for (const auto& [variable, key] : kAliases)
    if ((key == path || (below && IsBelow(key, path))) &&
        sources_.env.contains(std::string(variable)))
      return true;
  return false;
}

Place DocumentState::PlaceOf(KeyRef ref) const {
  if (const auto names = variables_.find(ref.path); names != variables_.end())
    ref.aliases = names->second;
  if (const auto given = Find(ref)) return given->place;
  return InFile(ref.section && ref.section != root() ? ref.section->line : 0);
}

void DocumentState::AddWarning(Place place, std::string key, std::string message) {
  if (warnings_.size() < kMaxProblems)
    warnings_.push_back({std::move(place.where), std::move(key), std::move(message)});
}

void DocumentState::AddProblem(Place place, std::string key, std::string message) {
  if (problems_.size() >= kMaxProblems) return;
  Problem problem{std::move(place.where), std::move(key), std::move(message)};
  const auto same = [&](const Problem& p) {
    return p.where == problem.where && p.key == problem.key && p.message == problem.message;
  };
  if (std::any_of(problems_.begin(), problems_.end(), same)) return;
  size_t i = problems_.size();
  while (i > 0 && (problem_lines_[i - 1] > place.line ||
                   (problem_lines_[i - 1] == place.line && place.line == kOutsideFile &&
                    problems_[i - 1].where > problem.where)))
    --i;
  problem_lines_.insert(problem_lines_.begin() + static_cast<std::ptrdiff_t>(i), place.line);
  problems_.insert(problems_.begin() + static_cast<std::ptrdiff_t>(i), std::move(problem));
}

void DocumentState::AddWrong(const Given& given, const std::string& key, const std::string& want) {
  AddProblem(given.place, key, "found " + given.Found() + ", want " + want);
}

void DocumentState::Finish() {
  ReportUnknownKeys(tree_.root, "");
  WarnUnknownVariables();
}

// The key of the same section that was probably meant, or the one of another section with this
// name.
std::string DocumentState::SuggestKey(const std::string& path, const std::string& key) const {
  const auto known = keys_.find(path);
  if (known != keys_.end())
    if (auto near = Nearest(key, {known->second.begin(), known->second.end()}); !near.empty())
      return near;
  for (const auto& doc : docs_)
    if (doc.key == key || doc.key.ends_with("." + key)) return doc.key;
  return "";
}

void DocumentState::ReportUnknownKeys(const YamlNode& node, const std::string& path) {
  const auto known = keys_.find(path);
  for (size_t i = 0; i < node.children.size(); ++i) {
    const YamlNode& child = node.children[i];
    if (node.kind == YamlNode::Kind::kSequence) {
      ReportUnknownKeys(child, path + "[" + std::to_string(i) + "]");
      continue;
    }
    const std::string child_path = path.empty() ? child.key : path + "." + child.key;
    if (known == keys_.end()) {
      ReportUnknownKeys(child, child_path);  // read whole by its getter, or reported there
    } else if (known->second.contains(child.key)) {
      ReportUnknownKeys(child, child_path);
    } else {
      const auto suggestion = SuggestKey(path, child.key);
      AddProblem(InFile(child.line), Sanitize(child_path, 200),
                 "unknown key" + (suggestion.empty() ? "" : ", did you mean " + suggestion + "?"));
    }
  }
}

void DocumentState::WarnUnknownVariables() {
  std::vector<std::string> names;  // without the prefix, which would make all of them alike
  for (const auto& [path, variables] : variables_)
    for (const auto& name : variables) names.push_back(name.substr(kPrefix.size()));
  for (const auto& [variable, text] : sources_.env) {
    const std::string name =
        variable.starts_with(kPrefix) ? variable.substr(kPrefix.size()) : variable;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const auto near = Nearest(name, names);
    warnings_.push_back(
        {"environment " + Sanitize(variable, 100), "",
         "unknown variable" +
             (near.empty() ? "" : ", did you mean " + std::string(kPrefix) + near + "?")});
  }
}

}  // namespace aiops
