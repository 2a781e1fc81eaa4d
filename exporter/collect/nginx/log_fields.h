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
  kUserAgent,
  kRequestLength,
  kRequestTime,  // in seconds; then the same in other units
  kRequestMillis,
  kRequestMicros,
  kRequestNanos,
  kUpstreamTime,  // "0.1, 0.2 : 0.3": in seconds, of each server that was asked
  kUpstreamNanos,
  kPeer,            // $realip_remote_addr
  kClaimed,         // whatever is configured to name the client
  kClientList,      // an address, or a whole X-Forwarded-For that the proxy believed (Traefik)
  kRemoteAddrPort,  // "192.0.2.1:4711"
  kServerPort,      // digits: tells "host:80 client" from an IPv6 address
  kStatusOrDash,    // "-": answered, but the log does not say how
};

// The field of a variable's name without "$": "remote_addr". kIgnored for all that are not used.
// Beside the variables of Nginx: request_time_ms, _us and _ns, upstream_response_time_ns, and what
// the named formats need. `claimed` is the variable that is configured to name the client.
EntryField FieldNamed(std::string_view name, std::string_view claimed = {});

constexpr std::uint32_t Bit(EntryField field) { return 1u << static_cast<unsigned>(field); }
inline constexpr std::uint32_t kTimeFields = Bit(EntryField::kTimeLocal) |
                                             Bit(EntryField::kTimeIso8601) |
                                             Bit(EntryField::kMsec) | Bit(EntryField::kTime);
inline constexpr std::uint32_t kStatusFields =
    Bit(EntryField::kStatus) | Bit(EntryField::kStatusOrDash);
inline constexpr std::uint32_t kClientFields =
    Bit(EntryField::kRemoteAddr) | Bit(EntryField::kClaimed) | Bit(EntryField::kClientList) |
    Bit(EntryField::kRemoteAddrPort);
inline constexpr std::uint32_t kByteFields =
    Bit(EntryField::kBodyBytesSent) | Bit(EntryField::kBytesSent);

// Not thread-safe: remembers the last time stamp.
class LogFieldReader {
 public:
  // $body_bytes_sent is preferred to $bytes_sent, $server_name (from the configuration) to $host
  // (from the client), whichever comes first. A length or a duration that is none is unknown, no
  // fault: the request was one all the same.
  LineFault Read(EntryField field, std::string_view text, LogEntry& entry);

 private:
  LineFault ReadTime(EntryField field, std::string_view text, LogEntry& entry);
  LogTimeParser time_;
};

}  // namespace aiops
