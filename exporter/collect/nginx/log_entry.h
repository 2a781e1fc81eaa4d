// LogEntry: what one line of an access log says, and LineFault: why it says nothing.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace aiops {

// Why a line was not counted. The label values of lines_malformed.
enum class LineFault : std::uint8_t {
  kNone,
  kEmpty,      // nothing but white space
  kBadFormat,  // does not have the shape of the format, or lacks time or status
  kBadTime,
  kBadStatus,   // not three digits
  kBadSize,     // neither a number nor "-"
  kTooLong,     // beyond kMaxLineBytes: skipped without being kept
  kUnfinished,  // the file ended in it and was given up
};
inline constexpr int kLineFaultCount = 8;
std::string_view ToString(LineFault fault);  // "", "empty", "bad_format", ...

// Views into the line (or into the parser's scratch): valid until the next line is parsed. Raw
// bytes from strangers, still escaped as Nginx wrote them unless the line was JSON.
struct LogEntry {
  Time time;
  std::string_view client;   // empty: unknown
  std::string_view peer;     // the connecting address, where the format tells it apart
  std::string_view claimed;  // what the field says that is configured to name the client
  std::string_view method;
  std::string_view path;  // without the query
  std::string_view site;  // $server_name or $host; empty if the format has neither
  std::string_view user_agent;
  int status = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_in = 0;     // of the request
  double request_seconds = NAN;   // NaN: the format does not say, as the next
  double upstream_seconds = NAN;  // of all upstream servers that were asked
  std::uint32_t seen = 0;         // bits 1 << EntryField of the fields that the line had
};

}  // namespace aiops
