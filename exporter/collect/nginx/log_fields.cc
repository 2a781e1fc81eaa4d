#include "collect/nginx/log_fields.h"

#include <charconv>
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
};

LineFault ReadStatus(std::string_view text, LogEntry& entry) {
  if (text.size() != 3) return LineFault::kBadStatus;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 3, entry.status);
  const bool good = error == std::errc() && end == text.data() + 3 && entry.status >= 0;
  return good ? LineFault::kNone : LineFault::kBadStatus;
}

LineFault ReadBytes(std::string_view text, LogEntry& entry) {
  entry.bytes = 0;
  if (text == "-") return LineFault::kNone;  // Apache's way to say 0
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, entry.bytes);
  // More than an exabyte is no answer but a broken line, and must not overflow a sum.
  const bool good = error == std::errc() && end == last && entry.bytes < (1ull << 60);
  return good ? LineFault::kNone : LineFault::kBadSize;
}

std::string_view WithoutQuery(std::string_view uri) { return uri.substr(0, uri.find('?')); }

void ReadRequest(std::string_view text, LogEntry& entry) {
  const size_t space = text.find(' ');
  // "-", TLS bytes and other things that are no request line: counted, but without method and path.
  if (space == std::string_view::npos) return;
  entry.method = text.substr(0, space);
  const std::string_view rest = text.substr(space + 1);
  entry.path = WithoutQuery(rest.substr(0, rest.find(' ')));
}

}  // namespace

std::string_view ToString(LineFault fault) { return kFaultNames[static_cast<size_t>(fault)]; }

EntryField FieldNamed(std::string_view name) {
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
      entry.client = text == "-" ? std::string_view{} : text;
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
      entry.site = text == "-" ? std::string_view{} : text;
      break;
  }
  return LineFault::kNone;
}

}  // namespace aiops
