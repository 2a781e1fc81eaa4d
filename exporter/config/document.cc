#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "config/document_state.h"
#include "config/section.h"
#include "config/yaml_tree.h"

extern char** environ;  // NOLINT: POSIX

namespace aiops {

std::string ToString(const Problem& problem) {
  std::string text = problem.where + ": ";
  if (!problem.key.empty()) text += problem.key + ": ";
  return text + problem.message;
}

Document::Document(Sources sources) : state_(std::make_unique<DocumentState>(std::move(sources))) {}
Document::~Document() = default;

Section Document::Root() { return {state_.get(), state_->root(), "", true}; }
void Document::Finish() { state_->Finish(); }
const std::vector<Problem>& Document::problems() const { return state_->problems(); }
const std::vector<Problem>& Document::warnings() const { return state_->warnings(); }
const std::vector<Origin>& Document::origins() const { return state_->origins(); }
const std::vector<KeyDoc>& Document::docs() const { return state_->docs(); }

Result<Sources> ReadSources(const std::string& path) {
  std::error_code unknown;
  const auto status = std::filesystem::status(path, unknown);
  // A pipe without a writer would block for ever.
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    return InvalidArgument("cannot read " + path + ": it is no regular file");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  // One byte beyond the cap is enough for the document to refuse it.
  std::string text(kMaxYamlBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    const std::string reason = std::generic_category().message(errno);
    const auto kind = errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kInvalidArgument;
    return Error{kind, "cannot read " + path + ": " + reason};
  }
  text.resize(static_cast<size_t>(file.gcount()));
  Sources sources;
  sources.file = path;
  sources.text = std::move(text);
  sources.env = AgentEnvironment();
  return sources;
}

std::map<std::string, std::string> AgentEnvironment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (text.starts_with("AGENT_") && equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace aiops
