// Secrets: the value itself, or the content of a file that another key names.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "config/document_state.h"

namespace aiops {

struct FoundSecret {
  std::string text;
  std::optional<Given> given;  // of the value or of the file's name
};

// The first source (flag, environment, file) that gives `value` or `file` wins. Problems, none of
// which shows a value, go to the state.
FoundSecret FindSecret(DocumentState& state, const KeyRef& value, const KeyRef& file);

// A regular file of at most 64 KiB, without a trailing newline; empty is an error, whose text shows
// a path and nothing that may be a secret in its place.
Result<std::string> ReadSecretFile(const std::string& path);

}  // namespace aiops
