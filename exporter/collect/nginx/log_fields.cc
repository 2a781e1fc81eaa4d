#include "collect/nginx/log_fields.h"

#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

namespace aiops {
namespace {

constexpr std::string_view kFaultNames[] = {"",           "empty",    "bad_format", "bad_time",
                                            "bad_status", "bad_size", "too_long",   "unfinished"};
static_assert(std::size(kFaultNames) == kLineFaultCount);

constexpr std::pair<std::string_view, EntryField> kFieldNames[] = {
    {"remote_addr", EntryField::kRemoteAddr},
    {"time_local", EntryField::kTimeLocal},
    {"time_iso8601", EntryField::kTimeIso8601},
    {"msec", EntryField::kMsec},
    {"time", EntryField::kTime},
    {"request", EntryField::kRequest},
    {"request_method", EntryField::kRequestMethod},
    {"request_uri", EntryField::kRequestUri},
    {"uri", EntryField::kRequestUri},
    {"status", EntryField::kStatus},
    {"body_bytes_sent", EntryField::kBodyBytesSent},
    {"bytes_sent", EntryField::kBytesSent},
    {"host", EntryField::kHost},
    {"server_name", EntryField::kServerName},
    {"http_user_agent", EntryField::kUserAgent},
    {"request_length", EntryField::kRequestLength},
    {"request_time", EntryField::kRequestTime},
    {"request_time_ms", EntryField::kRequestMillis},
    {"request_time_us", EntryField::kRequestMicros},
    {"request_time_ns", EntryField::kRequestNanos},
    {"upstream_response_time", EntryField::kUpstreamTime},
    {"upstream_response_time_ns", EntryField::kUpstreamNanos},
    {"realip_remote_addr", EntryField::kPeer},
    {"client_list", EntryField::kClientList},
    {"remote_addr_port", EntryField::kRemoteAddrPort},
    {"server_port", EntryField::kServerPort},
    {"status_or_dash", EntryField::kStatusOrDash},
};

LineFault ReadStatus(std::string_view text, LogEntry& entry) {
  if (text.size() != 3) return LineFault::kBadStatus;
  int status = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return LineFault::kBadStatus;
    status = status * 10 + (c - '0');
  }
  entry.status = status;
  return LineFault::kNone;
}

bool ParseCount(std::string_view text, std::uint64_t& out) {
  // More than an exabyte is no answer but a broken line, and must not overflow a sum.
  if (text.empty() || text.size() > 18) return false;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  out = value;
  return true;
}

LineFault ReadBytes(std::string_view text, LogEntry& entry) {
  entry.bytes = 0;
  if (text == "-") return LineFault::kNone;  // Apache's way to say 0
  return ParseCount(text, entry.bytes) ? LineFault::kNone : LineFault::kBadSize;
}

// NaN for "-" and for all that is no duration. "12ms" as Traefik writes it.
double ParseNumber(std::string_view text) {
  if (text.ends_with("ms")) text.remove_suffix(2);
  double value = NAN;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = error == std::errc() && end == text.data() + text.size() && value >= 0;
  return good && value < 1e18 ? value : NAN;
}

// Servers that were asked one after another are separated by ", ", those behind an internal
// redirect by " : ".
double SumOfTimes(std::string_view text) {
  double sum = NAN;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(", :"), text.size());
    const double value = ParseNumber(text.substr(0, end));
    if (!std::isnan(value)) sum = std::isnan(sum) ? value : sum + value;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return sum;
}

std::string_view WithoutQuery(std::string_view uri) { return uri.substr(0, uri.find('?')); }

std::string_view OrEmpty(std::string_view text) { return text == "-" ? std::string_view{} : text; }

void ReadRequest(std::string_view text, LogEntry& entry) {
  const size_t space = text.find(' ');
  // "-", TLS bytes and other things that are no request line: counted, but without method and path.
  if (space == std::string_view::npos) return;
  entry.method = text.substr(0, space);
  const std::string_view rest = text.substr(space + 1);
  entry.path = WithoutQuery(rest.substr(0, rest.find(' ')));
}

void ReadClientList(std::string_view text, LogEntry& entry) {
  const size_t comma = text.rfind(',');
  if (comma == std::string_view::npos) {
    entry.client = OrEmpty(text);
    return;
  }
  if (!(entry.seen & Bit(EntryField::kClaimed))) entry.claimed = text;
  entry.client = text.substr(std::min(text.find_first_not_of(' ', comma + 1), text.size()));
}

// What neither decides whether a line counts nor is in every format.
LineFault ReadRare(EntryField field, std::string_view text, LogEntry& entry) {
  switch (field) {
    case EntryField::kRequestLength:
      ParseCount(text, entry.bytes_in);
      break;
    case EntryField::kRequestTime:
      entry.request_seconds = ParseNumber(text);
      break;
    case EntryField::kRequestMillis:
      entry.request_seconds = ParseNumber(text) / 1e3;
      break;
    case EntryField::kRequestMicros:
      entry.request_seconds = ParseNumber(text) / 1e6;
      break;
    case EntryField::kRequestNanos:
      entry.request_seconds = ParseNumber(text) / 1e9;
      break;
    case EntryField::kUpstreamTime:
      entry.upstream_seconds = SumOfTimes(text);
      break;
    case EntryField::kUpstreamNanos:
      entry.upstream_seconds = ParseNumber(text) / 1e9;
      break;
    case EntryField::kPeer:
      entry.peer = OrEmpty(text);
      break;
    case EntryField::kClaimed:
      entry.claimed = OrEmpty(text);
      break;
    case EntryField::kClientList:
      ReadClientList(text, entry);
      break;
    case EntryField::kRemoteAddrPort:
      entry.client = OrEmpty(text.substr(0, text.rfind(':')));
      break;
    case EntryField::kServerPort:
      // A word that is no port: the line has another form.
      if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
        return LineFault::kBadFormat;
      break;
    default:
      break;
  }
  return LineFault::kNone;
}

}  // namespace

std::string_view ToString(LineFault fault) { return kFaultNames[static_cast<size_t>(fault)]; }

EntryField FieldNamed(std::string_view name, std::string_view claimed) {
  if (!claimed.empty() && name == claimed) return EntryField::kClaimed;
  for (const auto& [known, field] : kFieldNames) {
    if (known == name) return field;
  }
  return EntryField::kIgnored;
}

LineFault LogFieldReader::ReadTime(EntryField field, std::string_view text, LogEntry& entry) {
  bool good = false;
  if (field == EntryField::kTimeLocal) {
    good = time_.ParseLocal(text, entry.time);
  } else if (field == EntryField::kTimeIso8601) {
    good = time_.ParseIso8601(text, entry.time);
  } else if (field == EntryField::kMsec) {
    good = ParseMsec(text, entry.time);
  } else {
    good = time_.ParseAny(text, entry.time);
  }
  return good ? LineFault::kNone : LineFault::kBadTime;
}

LineFault LogFieldReader::Read(EntryField field, std::string_view text, LogEntry& entry) {
  const std::uint32_t before = entry.seen;
  entry.seen |= Bit(field);
  switch (field) {
    case EntryField::kIgnored:
      break;
    case EntryField::kRemoteAddr:
      entry.client = OrEmpty(text);
      break;
    case EntryField::kTimeLocal:
    case EntryField::kTimeIso8601:
    case EntryField::kMsec:
    case EntryField::kTime:
      return ReadTime(field, text, entry);
    case EntryField::kRequest:
      ReadRequest(text, entry);
      break;
    case EntryField::kRequestMethod:
      entry.method = text;
      break;
    case EntryField::kRequestUri:
      entry.path = WithoutQuery(text);
      break;
    case EntryField::kStatusOrDash:
      if (text == "-") break;
      [[fallthrough]];
    case EntryField::kStatus:
      return ReadStatus(text, entry);
    case EntryField::kBytesSent:
      if (before & Bit(EntryField::kBodyBytesSent)) break;
      [[fallthrough]];
    case EntryField::kBodyBytesSent:
      return ReadBytes(text, entry);
    case EntryField::kHost:
      if (before & Bit(EntryField::kServerName)) break;
      [[fallthrough]];
    case EntryField::kServerName:
      entry.site = OrEmpty(text);
      break;
    case EntryField::kUserAgent:
      entry.user_agent = OrEmpty(text);
      break;
    default:
      return ReadRare(field, text, entry);
  }
  return LineFault::kNone;
}

}  // namespace aiops
