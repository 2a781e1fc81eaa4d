// ClientNetwork: the network that a client's address is in, for evidence: /24 of IPv4, /48 of IPv6.
#pragma once

#include <string>
#include <string_view>

namespace aiops {

// As bytes for counting; "" for what is no address. IPv4 in IPv6 (::ffff:192.0.2.1) is IPv4.
class ClientNetwork {
 public:
  // Valid until the next call.
  std::string_view Of(std::string_view client);
  // "192.0.2.0/24", "2001:db8:1::/48", "no address".
  static std::string Name(std::string_view bytes);

 private:
  std::string bytes_;
};

}  // namespace aiops
