#include "web/front/hop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "web/front/request_head.h"

namespace aiops {
namespace {

template <size_t kSize>
std::array<unsigned char, kSize> Random() {
  std::array<unsigned char, kSize> bytes;
  AIOPS_CHECK(RAND_bytes(bytes.data(), static_cast<int>(kSize)) == 1);
  return bytes;
}

bool Bind(int fd, const std::string& address) {
  sockaddr_in from{};
  from.sin_family = AF_INET;
  inet_pton(AF_INET, address.c_str(), &from.sin_addr);
  return bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof(from)) == 0;
}

Fd Socket() { return Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

}  // namespace

Hop Hop::Draw() {
  constexpr char kHex[] = "0123456789abcdef";
  Hop hop;
  for (const unsigned char byte : Random<32>()) {
    hop.key_ += kHex[byte >> 4];
    hop.key_ += kHex[byte & 15];
  }
  const auto host = Random<3>();
  hop.source_ = "127." + std::to_string(host[0]) + "." + std::to_string(host[1]) + "." +
                std::to_string(1 + host[2] % 254);
  // Linux has all of 127.0.0.0/8 on loopback; where only its first address is, the key is left.
  const Fd probe = Socket();
  if (!probe || !Bind(probe.get(), hop.source_)) hop.source_ = "127.0.0.1";
  return hop;
}

bool Hop::Opens(std::string_view key) const {
  return key.size() == key_.size() && CRYPTO_memcmp(key.data(), key_.data(), key_.size()) == 0;
}

std::string Hop::Encode(const WebRequest& request) const {
  std::string out = request.method + " " + request.path;
  if (!request.query.empty()) out += "?" + request.query;
  out += " HTTP/1.1\r\n";
  const auto add = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out.append(name).append(": ").append(value).append("\r\n");
  };
  for (const CarriedField& field : kCarriedFields) add(field.name, request.*field.value);
  add(kHopKey, key_);
  add(kHopPeer, request.remote);
  add(kHopTls, request.tls ? "1" : "");
  if (!request.body.empty()) add("Content-Length", std::to_string(request.body.size()));
  return out + "\r\n" + request.body;
}

Result<Fd> Hop::Connect(int port) const {
  Fd fd = Socket();
  if (!fd) return Unavailable(std::string("no socket: ") + std::strerror(errno));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!Bind(fd.get(), source_) ||
      (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0 &&
       errno != EINPROGRESS)) {
    return Unavailable(std::string("no connection over loopback: ") + std::strerror(errno));
  }
  return fd;
}

}  // namespace aiops
