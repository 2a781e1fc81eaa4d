// LineParser: one line of an access log -> LogEntry. No regular expressions, no allocation per
// line.
#pragma once

#include <cstdint>
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
  // Bits 1 << EntryField of what a line can have.
  virtual std::uint32_t Fields() const = 0;
};

// {"status", "response_code"}: a variable of Nginx and the key that has it in JSON.
using JsonKeys = std::vector<std::pair<std::string, std::string>>;

// log_format strings: literals and $variables, "${name}" too. Compiled once; per line, each
// variable ends where the literal behind it is next found. Inside quotes, \" does not end a
// variable; an address, a number or a name ends at the first blank, a list of $upstream_... goes on
// behind a comma. A value with blanks that is not in quotes ($request, a user agent, the one
// variable that is not known to have none) leaves what follows it what it needs, cut off from the
// end of the line or from the next quote. Text behind the last literal is accepted after a space,
// so that `combined` also reads formats that only append. Of several forms the first that fits a
// line reads it. InvalidArgument if there is no time or no $status, or if two variables have
// nothing between them, or two that usually have blanks nothing but blanks. `claimed`: the variable
// that becomes LogEntry::claimed.
Result<std::unique_ptr<LineParser>> MakeFormatParser(const std::vector<std::string_view>& forms,
                                                     std::string_view claimed = {});

// One JSON object per line. Keys may be paths: "request.remote_ip" is the member remote_ip of
// request, or a member of that very name; of an array the last element counts. Where several keys
// give one variable, the first of them that a line has. InvalidArgument for an unknown variable.
Result<std::unique_ptr<LineParser>> MakeJsonParser(const JsonKeys& keys,
                                                   std::string_view claimed = {});

// A named format (see named_formats.h) or a log_format string. `json_keys` are for "json" alone.
Result<std::unique_ptr<LineParser>> MakeLineParser(std::string_view format,
                                                   const JsonKeys& json_keys,
                                                   std::string_view claimed = {});

}  // namespace aiops
