// Hop: the way of a complete request from the front to civetweb, over loopback, that nobody else
// can use. civetweb closes at once, without a thread, what does not come from `source`, an address
// out of 127.0.0.0/8 drawn at the start; and a request without the key, drawn too, is refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "web/front/fd.h"
#include "web/http.h"

namespace aiops {

// Beside what a request carries by itself (kCarriedFields).
inline constexpr char kHopKey[] = "Aiops-Hop-Key";
inline constexpr char kHopPeer[] = "Aiops-Hop-Peer";  // the client's address
inline constexpr char kHopTls[] = "Aiops-Hop-Tls";    // "1": the client speaks TLS

// Immutable, so thread-safe.
class Hop {
 public:
  static Hop Draw();

  const std::string& source() const { return source_; }

  // Whether `key` is ours, in constant time.
  bool Opens(std::string_view key) const;
  // The bytes to send. The request was checked: nothing in it ends a line.
  std::string Encode(const WebRequest& request) const;
  // A socket on its way to civetweb's port; it does not block.
  Result<Fd> Connect(int port) const;

 private:
  std::string key_;
  std::string source_;
};

}  // namespace aiops
