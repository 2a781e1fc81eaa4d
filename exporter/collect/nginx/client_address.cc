#include "collect/nginx/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace aiops {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<Address> ParseBare(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (text.empty() || text.size() >= buffer.size()) return std::nullopt;
  std::copy(text.begin(), text.end(), buffer.begin());
  if (std::strlen(buffer.data()) != text.size()) return std::nullopt;
  Address out{};
  if (::inet_pton(AF_INET6, buffer.data(), out.data()) == 1) return out;
  std::copy(kMapped.begin(), kMapped.end(), out.begin());
  if (::inet_pton(AF_INET, buffer.data(), out.data() + kMapped.size()) == 1) return out;
  return std::nullopt;
}

// The text without its port and brackets.
std::string_view WithoutPort(std::string_view text) {
  if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
  const size_t colon = text.find(':');
  const bool one = colon != std::string_view::npos && colon == text.rfind(':');
  return one ? text.substr(0, colon) : text;
}

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

void ClearBehind(Address& address, int bits) {
  for (int i = 0; i < 16; ++i) {
    const int keep = std::clamp(bits - i * 8, 0, 8);
    auto& byte = address[static_cast<size_t>(i)];
    byte = static_cast<std::uint8_t>(byte & (0xff00 >> keep));
  }
}

std::string ToText(const Network& network, bool v4) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const auto* from = network.address.data() + (v4 ? kMapped.size() : 0);
  ::inet_ntop(v4 ? AF_INET : AF_INET6, from, buffer.data(), buffer.size());
  return std::string(buffer.data()) + "/" + std::to_string(network.bits - (v4 ? 96 : 0));
}

}  // namespace

std::optional<Address> ParseAddress(std::string_view text) { return ParseBare(WithoutPort(text)); }

bool Network::Contains(const Address& other) const {
  Address masked = other;
  ClearBehind(masked, bits);
  return masked == address;
}

Result<Network> ParseNetwork(std::string_view text) {
  const std::string found = "found '" + std::string(text) + "', ";
  const size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const auto parsed = ParseBare(address);
  if (!parsed) {
    return InvalidArgument(found + "want an address or a network like 10.0.0.0/8, 2001:db8::/32");
  }
  const bool v4 = address.find(':') == std::string_view::npos;
  const int most = v4 ? 32 : 128;
  Network out{*parsed, 128};
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    int bits = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const bool plain = error == std::errc() && end == digits.data() + digits.size() &&
                       digits == std::to_string(bits);
    if (!plain || bits < 0 || bits > most) {
      return InvalidArgument(found + "want a prefix from 0 to " + std::to_string(most) +
                             " behind the '/'");
    }
    out.bits = bits + (v4 ? 96 : 0);
  }
  ClearBehind(out.address, out.bits);
  if (out.address != *parsed)
    return InvalidArgument(found + "has bits behind its prefix: want " + ToText(out, v4));
  return out;
}

std::string ClientSource::Normalised(std::string_view name) {
  if (name.starts_with('$')) name.remove_prefix(1);
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    if (c == '-') return '_';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out == "x_forwarded_for" ? "http_" + out : out;
}

std::string_view ClientSource::Claimed() const {
  return variable == "remote_addr" ? std::string_view{} : std::string_view(variable);
}

bool ClientSource::Trusts(std::string_view text) const {
  const auto address = ParseAddress(text);
  return address && std::any_of(trusted.begin(), trusted.end(),
                                [&](const Network& each) { return each.Contains(*address); });
}

void ClientSource::Resolve(LogEntry& entry) const {
  if (IsHeader()) {
    const std::string_view peer = entry.peer.empty() ? entry.client : entry.peer;
    if (!Trusts(peer)) {
      entry.client = ParseAddress(peer) ? WithoutPort(peer) : peer;
      return;
    }
  } else if (entry.claimed.find(',') == std::string_view::npos) {
    if (!entry.claimed.empty()) entry.client = entry.claimed;
    return;
  }
  std::string_view list = entry.claimed;
  while (!list.empty()) {
    const size_t comma = list.rfind(',');
    const std::string_view last =
        Trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
    if (!ParseAddress(last)) return;
    entry.client = WithoutPort(last);
    if (!Trusts(last) || comma == std::string_view::npos) return;
    list = list.substr(0, comma);
  }
}

}  // namespace aiops
