// Peer: who is at the other end of an accepted connection.
#pragma once

#include <sys/socket.h>

#include <array>
#include <string>

namespace aiops {

// Whose connections count together: an IPv4 address, or the /64 network of an IPv6 address, of
// which one machine has all.
using PeerKey = std::array<unsigned char, 16>;

struct Peer {
  std::string address;  // IPv4 also where it came through a socket of both
  PeerKey key{};
};

Peer PeerOf(const sockaddr_storage& address);

}  // namespace aiops
