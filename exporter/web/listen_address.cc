#include "web/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr std::string_view kWhere = "web.listen_address (flag --web.listen-address)";
constexpr int kBacklog = 1024;  // connections that the system keeps until they are accepted

Error Malformed(std::string_view text) {
  return InvalidArgument(std::string(kWhere) + ": found '" + Sanitize(text, 80) +
                         "', want an address and a port: \"127.0.0.1:8100\", \":8100\" or "
                         "\"[::1]:8100\"");
}

Error BindError(const ListenAddress& a, int code) {
  const std::string at = (a.ipv6 ? "[" + a.host + "]" : a.host) + ":" + std::to_string(a.port);
  if (code == EADDRINUSE) {
    return Unavailable("port " + std::to_string(a.port) + " is already in use (" + at +
                       "): stop the program that holds it, or set another port with " +
                       std::string(kWhere));
  }
  if (code == EACCES) {
    return {ErrorKind::kUnauthorized, "may not listen on " + at +
                                          ": ports below 1024 need a privilege; set a higher one "
                                          "with " +
                                          std::string(kWhere)};
  }
  if (code == EADDRNOTAVAIL || code == EAFNOSUPPORT) {
    return InvalidArgument("this machine has no address " + at + ": correct " +
                           std::string(kWhere));
  }
  return Unavailable("cannot listen on " + at + ": " + std::strerror(code) + "; see " +
                     std::string(kWhere));
}

socklen_t Fill(const ListenAddress& a, sockaddr_storage& storage) {
  if (a.ipv6) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<std::uint16_t>(a.port));
    inet_pton(AF_INET6, a.host.c_str(), &v6->sin6_addr);
    return sizeof(*v6);
  }
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  v4->sin_family = AF_INET;
  v4->sin_port = htons(static_cast<std::uint16_t>(a.port));
  if (!a.host.empty()) inet_pton(AF_INET, a.host.c_str(), &v4->sin_addr);
  return sizeof(*v4);
}

// Sets `code` to errno where it fails.
Fd TryListen(const ListenAddress& address, int& code) {
  sockaddr_storage storage{};
  const socklen_t size = Fill(address, storage);
  Fd fd(socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1, off = 0;
  const bool listens =
      fd && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
      (!address.ipv6 || setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0) &&
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) == 0 &&
      listen(fd.get(), kBacklog) == 0;
  code = listens ? 0 : errno;
  return listens ? std::move(fd) : Fd();
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Malformed(text);
  ListenAddress address;
  const std::string_view port = text.substr(colon + 1);
  const auto [stop, failed] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (failed != std::errc() || stop != port.data() + port.size() || address.port < 0 ||
      address.port > 65535) {
    return Malformed(text);
  }
  std::string host(text.substr(0, colon));
  address.ipv6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (address.ipv6) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  unsigned char bytes[16];
  if (!host.empty() && inet_pton(address.ipv6 ? AF_INET6 : AF_INET, host.c_str(), bytes) != 1) {
    return Malformed(text);
  }
  address.host = host;
  return address;
}

Result<Fd> Listen(const ListenAddress& address) {
  int code = 0;
  if (address.host.empty()) {
    Fd both = TryListen({"::", address.port, true}, code);
    if (both) return both;
    if (code != EAFNOSUPPORT && code != EADDRNOTAVAIL) return BindError(address, code);
  }
  Fd fd = TryListen(address, code);
  if (!fd) return BindError(address, code);
  return fd;
}

int PortOf(const Fd& listener) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (getsockname(listener.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  if (storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

}  // namespace aiops
