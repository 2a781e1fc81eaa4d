#include "web/front/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace aiops {
namespace {

constexpr size_t kNetworkBytes = 8;
constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // ::ffff:0:0/96

Peer OfIpv4(const void* bytes) {
  char text[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, bytes, text, sizeof(text));
  Peer peer{text};
  std::copy(std::begin(kMapped), std::end(kMapped), peer.key.begin());
  std::memcpy(peer.key.data() + sizeof(kMapped), bytes, 4);
  return peer;
}

}  // namespace

Peer PeerOf(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return OfIpv4(&reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  }
  if (address.ss_family != AF_INET6) return {};
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return OfIpv4(v6.s6_addr + sizeof(kMapped));
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &v6, text, sizeof(text));
  Peer peer{text};
  std::copy_n(v6.s6_addr, kNetworkBytes, peer.key.begin());
  return peer;
}

}  // namespace aiops
