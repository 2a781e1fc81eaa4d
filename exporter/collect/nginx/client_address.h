// Who the client is, where a proxy stands in front of the server that writes the log.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collect/nginx/log_entry.h"

namespace aiops {

// IPv6; IPv4 addresses as ::ffff:192.0.2.1, so that both are compared alike.
using Address = std::array<std::uint8_t, 16>;

// "192.0.2.1", "2001:db8::1", and what proxies make of them: "192.0.2.1:4711", "[2001:db8::1]:443",
// "[2001:db8::1]". Nothing else: no names, no "unknown".
std::optional<Address> ParseAddress(std::string_view text);

struct Network {
  Address address{};
  int bits = 128;
  bool Contains(const Address& other) const;
};

// "10.0.0.0/8", "2001:db8::/32", or one address. InvalidArgument, with the value and what is wanted
// instead, also if bits behind the prefix are set.
Result<Network> ParseNetwork(std::string_view text);

// From which field of a line its client is taken.
struct ClientSource {
  // The variable, without "$".
  std::string variable = "remote_addr";
  std::vector<Network> trusted;

  // "x_forwarded_for" or "$http_x_forwarded_for" -> "http_x_forwarded_for".
  static std::string Normalised(std::string_view name);
  // What the line parsers shall read into LogEntry::claimed; empty: nothing.
  std::string_view Claimed() const;
  // Headers come from the client, who may write anything into them.
  bool IsHeader() const { return variable.starts_with("http_"); }
  bool Trusts(std::string_view address) const;

  // Sets entry.client. A header counts only if the connecting address (LogEntry::peer, or else the
  // client that the log tells) is trusted. Of a list of addresses the last that is not trusted is
  // the client: all before it may be invented. A client that cannot be told from it stays as it
  // was.
  void Resolve(LogEntry& entry) const;
};

}  // namespace aiops
