#include "config/section.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "config/document_state.h"
#include "config/secret_file.h"
#include "config/values.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

std::string JoinPath(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

KeyDoc Doc(std::string_view type, std::string fallback, std::string allowed, const Spec& spec) {
  return {.type = std::string(type),
          .default_value = std::move(fallback),
          .allowed = std::move(allowed),
          .help = std::string(spec.help)};
}

// The text of a scalar from anywhere, or nullopt: then it is a list, a mapping or nothing.
std::optional<std::string> Text(const Given& given) {
  if (!given.node) return given.text;
  if (given.node->kind != YamlNode::Kind::kScalar) return std::nullopt;
  return given.node->text;
}

// URLs may carry a password.
std::string Shown(const std::string& text) {
  return text.find("://") == std::string::npos ? Sanitize(text, 512) : StripUrl(text);
}

template <class T>
std::optional<T> ParseGiven(const Given& given, const std::string& text) {
  (void)given;
  return ValueType<T>::Parse(text);
}

// A variable of the mission holds a bare number of minutes; half a minute is fine.
template <>
std::optional<Duration> ParseGiven(const Given& given, const std::string& text) {
  if (given.unit.empty()) return ValueType<Duration>::Parse(text);
  const auto count = ValueType<double>::Parse(text);
  const auto unit = ValueType<Duration>::Parse("1" + std::string(given.unit));
  AIOPS_CHECK(unit.has_value());
  if (!count || *count < 0 || *count > 1e9) return std::nullopt;
  return Duration(std::llround(*count * static_cast<double>(unit->count())));
}

std::string UnitName(std::string_view unit) {
  if (unit == "s") return "seconds";
  if (unit == "m") return "minutes";
  if (unit == "h") return "hours";
  return unit == "d" ? "days" : std::string(unit);
}

template <class T>
std::string WantFor(const Given& given, const Spec& spec) {
  if (given.unit.empty()) return Want(ValueType<T>::kWant, spec.min, spec.max);
  return Want("a bare number of " + UnitName(given.unit) + ", in all", spec.min, spec.max);
}

KeyRef Ref(const YamlNode* node, const std::string& path, std::string_view key, bool has_env,
           const Spec& spec) {
  KeyRef ref{node, path, std::string(key), JoinPath(path, key), has_env, {}, spec.env_unit};
  if (!spec.env.empty()) ref.aliases.emplace_back(spec.env);
  return ref;
}

}  // namespace

template <class T>
T Section::Read(std::string_view key, T fallback, const Spec& spec) const {
  using Type = ValueType<T>;
  const KeyRef ref = Ref(node_, path_, key, has_env_, spec);
  state_->Declare(
      ref, Doc(Type::kName, Type::Format(fallback), Want(Type::kWant, spec.min, spec.max), spec));
  const auto given = state_->Find(ref);
  if (!given) {
    state_->Record(ref, given, Type::Format(fallback));
    return fallback;
  }
  const auto text = Text(*given);
  auto value = text ? ParseGiven<T>(*given, *text) : std::nullopt;
  if (!value || !WithinBounds(*value, spec.min, spec.max)) {
    state_->AddWrong(*given, ref.path, WantFor<T>(*given, spec));
    return fallback;
  }
  state_->Record(ref, given, Type::Format(*value));
  return *value;
}

std::int64_t Section::Int(std::string_view key, std::int64_t fallback, Spec spec) const {
  return Read<std::int64_t>(key, fallback, spec);
}

double Section::Number(std::string_view key, double fallback, Spec spec) const {
  return Read<double>(key, fallback, spec);
}

aiops::Duration Section::Duration(std::string_view key, aiops::Duration fallback, Spec spec) const {
  return Read<aiops::Duration>(key, fallback, spec);
}

std::string Section::String(std::string_view key, std::string_view fallback, Spec spec) const {
  const KeyRef ref = Ref(node_, path_, key, has_env_, spec);
  state_->Declare(ref, Doc("text", std::string(fallback), "text", spec));
  const auto given = state_->Find(ref);
  const auto text = given ? Text(*given) : std::nullopt;
  if (given && !text) {
    state_->AddWrong(*given, ref.path, "text");
    return std::string(fallback);
  }
  std::string value = text.value_or(std::string(fallback));
  state_->Record(ref, given, Shown(value));
  return value;
}

bool Section::Bool(std::string_view key, bool fallback, Spec spec) const {
  const KeyRef ref = Ref(node_, path_, key, has_env_, spec);
  const std::string shown = fallback ? "true" : "false";
  state_->Declare(ref, Doc("boolean", shown, "true or false", spec));
  const auto given = state_->Find(ref);
  const auto text = given ? Text(*given) : std::optional(shown);
  const auto value = text ? ParseBool(*text) : std::nullopt;
  if (!value) {
    state_->AddWrong(*given, ref.path, "true or false");
    return fallback;
  }
  state_->Record(ref, given, *value ? "true" : "false");
  return *value;
}

std::string Section::Choice(std::string_view key, std::string_view fallback,
                            std::vector<std::string_view> allowed, Spec spec) const {
  const KeyRef ref = Ref(node_, path_, key, has_env_, spec);
  const std::vector<std::string> names(allowed.begin(), allowed.end());
  const std::string want = (names.size() > 1 ? "one of " : "") + Join(names, ", ");
  state_->Declare(ref, Doc("choice", std::string(fallback), want, spec));
  const auto given = state_->Find(ref);
  if (!given) {
    state_->Record(ref, given, std::string(fallback));
    return std::string(fallback);
  }
  const auto text = Text(*given);
  if (!text || std::find(names.begin(), names.end(), *text) == names.end()) {
    const auto near = text ? Nearest(*text, names) : "";
    state_->AddWrong(*given, ref.path, want + (near.empty() ? "" : "; did you mean " + near + "?"));
    return std::string(fallback);
  }
  state_->Record(ref, given, *text);
  return *text;
}

aiops::Secret Section::Secret(std::string_view key, Spec spec) const {
  const KeyRef value = Ref(node_, path_, key, has_env_, spec);
  KeyRef file = Ref(node_, path_, std::string(key) + "_file", has_env_, {});
  for (const auto& alias : value.aliases) file.aliases.push_back(alias + "_FILE");
  state_->Declare(value, Doc("secret", "", "text", spec));
  Spec file_spec;
  const std::string file_help = "A file that holds " + value.path + ".";
  file_spec.help = file_help;
  state_->Declare(file, Doc("path", "", "a file that can be read", file_spec));
  const auto found = FindSecret(*state_, value, file);
  state_->Record(value, found.given, found.given ? "<secret>" : "");
  return aiops::Secret(found.text);
}

bool Section::Present() const {
  if (node_ && node_ != state_->root()) return true;
  if (node_ && node_->kind == YamlNode::Kind::kMapping && !node_->children.empty()) return true;
  return has_env_ && state_->GivenOutsideFile(path_, true);
}

bool Section::Has(std::string_view key) const {
  if (node_ && node_->FindPath(key)) return true;
  return has_env_ && state_->GivenOutsideFile(JoinPath(path_, key), false);
}

void Section::Report(std::string_view key, std::string message) const {
  KeyRef ref = Ref(node_, path_, key, has_env_, {});
  if (key.empty()) ref.path = path_;
  state_->AddProblem(state_->PlaceOf(ref), Sanitize(ref.path, 200), std::move(message));
}

void Section::Warn(std::string_view key, std::string message) const {
  KeyRef ref = Ref(node_, path_, key, has_env_, {});
  if (key.empty()) ref.path = path_;
  state_->AddWarning(state_->PlaceOf(ref), Sanitize(ref.path, 200), std::move(message));
}

}  // namespace aiops
