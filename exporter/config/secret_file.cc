#include "config/secret_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace aiops {
namespace {

constexpr size_t kMaxSecretBytes = 64 << 10;

std::optional<std::string> TextOf(DocumentState& state, const Given& given, const KeyRef& ref) {
  if (!given.node) return given.text;
  if (given.node->kind == YamlNode::Kind::kScalar) return given.node->text;
  state.AddProblem(given.place, ref.path, "found " + DescribeKind(*given.node) + ", want text");
  return std::nullopt;
}

bool IsPlainlyAPath(std::string_view text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
}

// One source: the value, the file, or neither.
FoundSecret Take(DocumentState& state, const KeyRef& value, const std::optional<Given>& direct,
                 const KeyRef& file, const std::optional<Given>& by_file) {
  if (direct && by_file) {
    state.AddProblem(by_file->place, file.path,
                     "found beside " + value.path + ", want only one of them");
  }
  if (direct) {
    auto text = TextOf(state, *direct, value).value_or("");
    if (text.ends_with('\n')) text.pop_back();  // of a block scalar, as of a file
    if (text.find('\n') != std::string::npos)
      state.AddProblem(direct->place, value.path, "found several lines, want one");
    return {std::move(text), direct};
  }
  const auto path = TextOf(state, *by_file, file);
  if (!path) return {"", by_file};
  auto content = ReadSecretFile(*path);
  if (!content) state.AddProblem(by_file->place, file.path, content.error().message);
  return {content ? *content : "", by_file};
}

}  // namespace

FoundSecret FindSecret(DocumentState& state, const KeyRef& value, const KeyRef& file) {
  using Source = std::optional<Given> (DocumentState::*)(const KeyRef&) const;
  for (const Source source :
       {&DocumentState::FromFlag, &DocumentState::FromEnv, &DocumentState::FromFile}) {
    const auto direct = (state.*source)(value);
    const auto by_file = (state.*source)(file);
    if (direct || by_file) return Take(state, value, direct, file, by_file);
  }
  return {};
}

Result<std::string> ReadSecretFile(const std::string& path) {
  const auto cannot = [&](const std::string& why) {
    if (IsPlainlyAPath(path)) return InvalidArgument("cannot read '" + path + "': " + why);
    return InvalidArgument(
        "cannot read the file: " + why +
        "; its name is not shown, because it may be the secret itself: write /a/path or ./a/path");
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return cannot("no such file");
  // Opening a pipe would block.
  if (!std::filesystem::is_regular_file(status)) return cannot("not a regular file");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot(std::generic_category().message(errno));
  std::string text(kMaxSecretBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxSecretBytes) return cannot("larger than 64 KiB");
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return cannot("the file is empty");
  return text;
}

}  // namespace aiops
