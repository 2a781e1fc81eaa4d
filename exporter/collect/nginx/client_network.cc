#include "collect/nginx/client_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace aiops {
namespace {

constexpr size_t kV4Bytes = 3;
constexpr size_t kV6Bytes = 6;

// The first three numbers of four. inet_pton takes four times as long, for each line.
bool ReadV4(std::string_view text, std::string& bytes) {
  std::array<char, kV4Bytes> numbers{};
  int value = -1;
  size_t dots = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      value = std::max(value, 0) * 10 + (c - '0');
      if (value > 255) return false;
    } else if (c == '.' && value >= 0 && dots < kV4Bytes) {
      numbers[dots++] = static_cast<char>(value);
      value = -1;
    } else {
      return false;
    }
  }
  if (dots < kV4Bytes || value < 0) return false;
  bytes.assign(numbers.data(), numbers.size());
  return true;
}

bool ReadV6(std::string_view text, std::string& bytes) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return false;
  std::copy(text.begin(), text.end(), terminated.begin());
  in6_addr address{};
  if (::inet_pton(AF_INET6, terminated.data(), &address) != 1) return false;
  const auto* raw = reinterpret_cast<const char*>(&address);
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    bytes.assign(raw + 12, kV4Bytes);
  } else {
    bytes.assign(raw, kV6Bytes);
  }
  return true;
}

}  // namespace

std::string_view ClientNetwork::Of(std::string_view client) {
  if (!ReadV4(client, bytes_) && !ReadV6(client, bytes_)) bytes_.clear();
  return bytes_;
}

std::string ClientNetwork::Name(std::string_view bytes) {
  std::array<unsigned char, 16> address{};
  std::copy(bytes.begin(), bytes.begin() + std::min(bytes.size(), address.size()), address.begin());
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = bytes.size() == kV4Bytes;
  if (!v4 && bytes.size() != kV6Bytes) return "no address";
  ::inet_ntop(v4 ? AF_INET : AF_INET6, address.data(), text.data(), text.size());
  return std::string(text.data()) + (v4 ? "/24" : "/48");
}

}  // namespace aiops
