// LineParser: one line of an access log -> LogEntry. No regular expressions, no allocation per
// line.
//
// To add a named format: an entry in kNamedFormats (format_parser.cc). To add a wrapping (CRI,
// json-file): a LineParser that unwraps and hands on.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "collect/nginx/log_entry.h"

namespace aiops {

// Longer lines are skipped: Nginx's own are bounded by large_client_header_buffers (4 x 8 KiB).
inline constexpr size_t kMaxLineBytes = 64 * 1024;

// Not thread-safe.
class LineParser {
 public:
  virtual ~LineParser() = default;
  // `line` has no newline; a trailing carriage return is ignored. Invalid UTF-8 and NUL are bytes
  // like others.
  virtual LineFault Parse(std::string_view line, LogEntry& entry) = 0;
};

// A log_format string: literals and $variables, "${name}" too. Compiled once; per line, each
// variable ends where the literal behind it is next found (memchr). Inside quotes, \" does not end
// a variable. Text behind the last literal is accepted after a space, so that `combined` also reads
// formats that only append. InvalidArgument if there is no time or no $status, or if two variables
// have nothing between them.
Result<std::unique_ptr<LineParser>> MakeFormatParser(std::string_view format);

// One flat JSON object per line, as `escape=json` writes it. Keys are the variables' names; `keys`
// names others: {"status", "response_code"}. Nested values are skipped. InvalidArgument for an
// unknown field.
Result<std::unique_ptr<LineParser>> MakeJsonParser(
    const std::vector<std::pair<std::string, std::string>>& keys);

// "json", a named format ("combined"), or a log_format string.
Result<std::unique_ptr<LineParser>> MakeLineParser(
    std::string_view format, const std::vector<std::pair<std::string, std::string>>& json_keys);

}  // namespace aiops
