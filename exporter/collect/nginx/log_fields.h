// LogFieldReader: turns the text of one field into a part of a LogEntry. Shared by all line
// parsers.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "collect/nginx/log_entry.h"
#include "collect/nginx/log_time.h"

namespace aiops {

// The fields that are read; named as the variables of Nginx's log_format.
enum class EntryField : std::uint8_t {
  kIgnored,
  kRemoteAddr,
  kTimeLocal,
  kTimeIso8601,
  kMsec,
  kTime,  // any of the three, told apart by its shape
  kRequest,
  kRequestMethod,
  kRequestUri,
  kStatus,
  kBodyBytesSent,
  kBytesSent,
  kHost,
  kServerName,
};

// The field of a variable's name without "$": "remote_addr". kIgnored for all that are not used.
EntryField FieldNamed(std::string_view name);

constexpr std::uint32_t Bit(EntryField field) { return 1u << static_cast<unsigned>(field); }
inline constexpr std::uint32_t kTimeFields = Bit(EntryField::kTimeLocal) |
                                             Bit(EntryField::kTimeIso8601) |
                                             Bit(EntryField::kMsec) | Bit(EntryField::kTime);
inline constexpr std::uint32_t kByteFields =
    Bit(EntryField::kBodyBytesSent) | Bit(EntryField::kBytesSent);

// Not thread-safe: remembers the last time stamp.
class LogFieldReader {
 public:
  // $body_bytes_sent is preferred to $bytes_sent, $server_name (from the configuration) to $host
  // (from the client), whichever comes first.
  LineFault Read(EntryField field, std::string_view text, LogEntry& entry);

 private:
  LineFault ReadTime(EntryField field, std::string_view text, LogEntry& entry);
  LogTimeParser time_;
};

}  // namespace aiops
