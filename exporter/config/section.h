// Section: typed getters over aiops.yml that remember everything.
//
// One call declares, reads, checks and documents a key:
//
//   options.grace = section.Duration("grace", seconds(5), {.help = "How long a minute stays open.",
//                                                          .min = "0s", .max = "1m"});
//
// A value comes from, in this order: flag, environment (AGENT_<PATH IN UPPER CASE>, dots as
// underscores, or an alias), file, default. Getters never fail: a bad value yields the default and
// a Problem with file, line, key, what was found and what is allowed, so that all problems are told
// at once. Document::Finish() adds a problem for every key that nobody asked for (with the nearest
// known one) and for duplicate keys. The same calls, made on a document with Sources::describe,
// print docs/configuration.md.
//
// An empty variable counts as unset. Keys below lists and below names that the user chooses have no
// variable. A key that is there without a value ("lambda:") is a problem; such a section is empty.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace aiops {

struct Problem {
  std::string
      where;        // "aiops.yml:12", "environment AGENT_EWMA_LAMBDA", "flag --web.listen-address"
  std::string key;  // "detect.ewma.lambda"
  std::string message;  // "found 'abc', want a number from 0 to 1"
};
std::string ToString(const Problem& problem);  // "aiops.yml:12: detect.ewma.lambda: found ..."

// Where an effective value came from: for /status.
struct Origin {
  std::string key;
  std::string value;  // as text; "<secret>" for secrets, names only for StringMap, URLs stripped
  std::string from;   // "default", "aiops.yml:12", "environment AGENT_...", "flag --..."
};

// For docs/configuration.md. Of type "section" only key and help are set.
struct KeyDoc {
  std::string key;   // "facts[].name", "scopes.<name>.interval"
  std::string type;  // "number", "integer", "duration", "boolean", "text", "choice", "list", ...
  std::string default_value;
  std::string allowed;
  std::string env;  // all variables, comma separated
  std::string help;
};

// What may be said about a key beside its name and default. Bounds are inclusive and in the text
// form of the type ("0.001", "1m").
struct Spec {
  std::string_view help;
  std::string_view min = {};
  std::string_view max = {};
  std::string_view env = {};       // a further variable name: the mission's AGENT_... alias
  std::string_view env_unit = {};  // for durations: the alias holds a bare number of these ("m")
};

class DocumentState;
struct YamlNode;

// A mapping in the document, possibly absent. Cheap to copy; valid while its Document lives.
// Not thread-safe.
class Section {
 public:
  std::string String(std::string_view key, std::string_view fallback, Spec spec) const;
  std::int64_t Int(std::string_view key, std::int64_t fallback, Spec spec) const;
  double Number(std::string_view key, double fallback, Spec spec) const;
  bool Bool(std::string_view key, bool fallback, Spec spec) const;
  aiops::Duration Duration(std::string_view key, aiops::Duration fallback, Spec spec) const;
  std::string Choice(std::string_view key, std::string_view fallback,
                     std::vector<std::string_view> allowed, Spec spec) const;
  // A list of scalars; a single scalar counts as a list of one; in the environment, comma
  // separated.
  std::vector<std::string> Strings(std::string_view key, std::vector<std::string> fallback,
                                   Spec spec) const;
  // `key`, or the content of the file that `key`_file names (trailing newline dropped). Both set is
  // a problem, so is an unreadable file.
  aiops::Secret Secret(std::string_view key, Spec spec) const;
  // A mapping from names that the user chooses to scalars: labels, headers.
  std::vector<std::pair<std::string, std::string>> StringMap(std::string_view key, Spec spec) const;

  Section Child(std::string_view key, std::string_view help = {}) const;
  // A list of mappings. When describing one absent element "[]".
  std::vector<Section> List(std::string_view key, std::string_view help) const;
  // A mapping from names that the user chooses to mappings, in file order. When describing one
  // absent "<name>".
  std::vector<std::pair<std::string, Section>> Map(std::string_view key,
                                                   std::string_view help) const;

  // Whether the section, or this key in it, was given anywhere (file, environment, flag). Has(key)
  // knows the file's `key` ("url", or "prometheus.url" from above), its AGENT_ variable with
  // the mission's alias, and its flag.
  bool Present() const;
  bool Has(std::string_view key) const;
  const std::string& path() const { return path_; }

  // Reports that a value is wrong for a reason that no Spec can say, at the place where it was
  // given. `key` empty: the section itself; "labels.team": a member of a map.
  void Report(std::string_view key, std::string message) const;
  // The same of what is allowed and hardly meant.
  void Warn(std::string_view key, std::string message) const;

 private:
  friend class Document;
  Section(DocumentState* state, const YamlNode* node, std::string path, bool has_env)
      : state_(state), node_(node), path_(std::move(path)), has_env_(has_env) {}
  template <class T>
  T Read(std::string_view key, T fallback, const Spec& spec) const;

  DocumentState* state_;
  const YamlNode* node_;  // null when absent
  std::string path_;
  bool has_env_;  // false below lists and names that the user chooses
};

struct Sources {
  std::string file;                        // path for messages; empty: no file
  std::string text;                        // the file's content
  std::map<std::string, std::string> env;  // all AGENT_* variables
  std::map<std::string, std::string>
      flags;  // key path -> text, e.g. {"web.listen_address", ":8100"}
  std::map<std::string, std::string>
      flag_names;  // key path -> "--web.listen-address", for messages
  bool describe =
      false;  // only docs() is wanted: lists and maps have one example, problems mean nothing
};

// Not copyable: sections point into it.
class Document {
 public:
  // Broken YAML (place and reason), anchors or aliases, nesting beyond 20 or a file beyond 1 MiB
  // are problems, and then every section is absent.
  explicit Document(Sources sources);
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  Section Root();

  // Call after everybody has read their keys.
  void Finish();
  const std::vector<Problem>& problems() const;  // sorted by place
  const std::vector<Problem>& warnings() const;  // of Warn; unknown AGENT_* variables
  const std::vector<Origin>& origins() const;    // in the order of the getters
  const std::vector<KeyDoc>& docs() const;       // likewise

 private:
  std::unique_ptr<DocumentState> state_;
};

// Reads the file at `path` (NotFound with the path if it is not there) and the environment's
// AGENT_*.
Result<Sources> ReadSources(const std::string& path);
std::map<std::string, std::string> AgentEnvironment();

// The member of `known` that `word` was probably meant to be (edit distance <= 3), or "".
std::string Nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace aiops
