// DocumentState: what Document and its Sections share. Not for other rooms.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "config/yaml_tree.h"

namespace aiops {

// Where something was given. Problems are sorted by it: the file by line, then the rest by name.
struct Place {
  int line = 0;
  std::string where;
};

// A value as it was given by the source that wins.
struct Given {
  Place place;
  std::string text;                // from a flag or a variable
  const YamlNode* node = nullptr;  // from the file
  std::string_view unit = {};      // from an alias that holds a bare number of these

  std::string Found() const;  // for messages
};

// A key as its reader names it.
struct KeyRef {
  const YamlNode* section;  // null when absent
  std::string section_path;
  std::string key;
  std::string path;  // of the key
  bool has_env;
  std::vector<std::string> aliases;  // further variables
  std::string_view alias_unit = {};
};

// "detect.ewma.lambda" -> "AGENT_DETECT_EWMA_LAMBDA".
std::string EnvName(std::string_view path);

class DocumentState {
 public:
  explicit DocumentState(Sources sources);

  const YamlNode* root() const { return &tree_.root; }
  bool describing() const { return sources_.describe; }

  // Declares the key, whether or not it was given.
  void Declare(const KeyRef& ref, KeyDoc doc);
  // `members`: what stands for a list's or map's members in docs: "", "[]" or ".<name>".
  void DeclareSection(const KeyRef& ref, std::string_view help, std::string_view members);
  void Record(const KeyRef& ref, const std::optional<Given>& given, std::string value);

  std::optional<Given> FromFlag(const KeyRef& ref) const;
  std::optional<Given> FromEnv(const KeyRef& ref) const;
  std::optional<Given> FromFile(const KeyRef& ref) const;
  // The first of them that gave something.
  std::optional<Given> Find(const KeyRef& ref) const;

  // Whether a flag or a variable (with the mission's aliases) gave `path` or something below it.
  bool GivenOutsideFile(std::string_view path, bool below) const;

  // The place where the key was given, else that of its section.
  Place PlaceOf(KeyRef ref) const;
  Place InFile(int line) const;
  void AddProblem(Place place, std::string key, std::string message);
  void AddWarning(Place place, std::string key, std::string message);
  void AddWrong(const Given& given, const std::string& key, const std::string& want);
  void Finish();

  const std::vector<Problem>& problems() const { return problems_; }
  const std::vector<Problem>& warnings() const { return warnings_; }
  const std::vector<Origin>& origins() const { return origins_; }
  const std::vector<KeyDoc>& docs() const { return docs_; }

 private:
  std::optional<Given> EnvValue(const std::string& name, std::string_view unit) const;
  void ReportUnknownKeys(const YamlNode& node, const std::string& path);
  std::string SuggestKey(const std::string& path, const std::string& key) const;
  void WarnUnknownVariables();

  Sources sources_;
  YamlTree tree_;
  std::map<std::string, std::set<std::string>> keys_;          // of each section that was asked
  std::map<std::string, std::vector<std::string>> variables_;  // of each key: its own, then aliases
  std::set<std::string> seen_;                                 // keys with an Origin and a KeyDoc
  std::vector<int> problem_lines_;                             // parallel to problems_
  std::vector<Problem> problems_;
  std::vector<Problem> warnings_;
  std::vector<Origin> origins_;
  std::vector<KeyDoc> docs_;
};

}  // namespace aiops
