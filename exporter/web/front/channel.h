// Channel: the bytes of one accepted connection, in plain or through TLS. Never blocks.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "web/tls.h"

namespace aiops {

enum class Io {
  kDone,       // `bytes` were moved
  kWantRead,   // nothing yet: again when the socket can be read
  kWantWrite,  // nothing yet: again when the socket can be written
  kEnd,        // the peer sends no more
  kFailed,     // the connection is lost, or is not TLS
};

struct Moved {
  Io io = Io::kFailed;
  size_t bytes = 0;
};

// Used by one thread. The socket is the owner's and outlives it.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual Moved Read(char* buffer, size_t size) = 0;
  virtual Moved Write(std::string_view bytes) = 0;
  // Says that no more will be written.
  virtual void CloseWrite() = 0;
  // Whether Write can reach the peer: TLS is agreed on.
  virtual bool Ready() const = 0;
  // The peer of a TLS channel speaks HTTP without TLS: only a plain channel can tell it so.
  virtual bool SpokePlainHttp() const = 0;
};

std::unique_ptr<Channel> MakePlainChannel(int fd);
std::unique_ptr<Channel> MakeTlsChannel(int fd, const TlsContext& context);

}  // namespace aiops
