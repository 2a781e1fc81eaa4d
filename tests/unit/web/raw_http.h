// A client that sends any bytes, because a good client cannot send wrong ones.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace aiops {

// A connection from an address of this machine.
class RawClient {
 public:
  explicit RawClient(int port, const char* from = "127.0.0.1")
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{30, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address = Address(from, 0);
    connected_ = bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    address = Address("127.0.0.1", port);
    connected_ =
        connected_ && connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  ~RawClient() {
    if (fd_ >= 0) close(fd_);
  }

  int fd() const { return fd_; }
  void Send(const std::string& bytes) {
    if (connected_) send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  void SendNoMore() { shutdown(fd_, SHUT_WR); }
  // All until the other side ends, or gives no sign for half a minute.
  std::string ReceiveAll() {
    std::string all;
    while (const size_t n = Receive(all)) (void)n;
    return all;
  }
  // Appends what comes next; 0 at the end.
  size_t Receive(std::string& to) {
    char buffer[16384];
    const ssize_t n = connected_ ? recv(fd_, buffer, sizeof(buffer), 0) : 0;
    if (n > 0) to.append(buffer, static_cast<size_t>(n));
    return n > 0 ? static_cast<size_t>(n) : 0;
  }

 private:
  static sockaddr_in Address(const char* host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, host, &address.sin_addr);
    return address;
  }

  int fd_;
  bool connected_ = false;
};

inline std::string SendRaw(int port, const std::string& bytes) {
  RawClient client(port);
  client.Send(bytes);
  client.SendNoMore();
  return client.ReceiveAll();
}

struct RawAnswer {
  int status = 0;
  std::string head, body;
};

inline RawAnswer Split(const std::string& bytes) {
  RawAnswer out;
  const size_t end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.1 ") || end == std::string::npos) return out;
  out.status = std::atoi(bytes.c_str() + 9);
  out.head = bytes.substr(0, end + 2);
  out.body = bytes.substr(end + 4);
  return out;
}

// headers: whole lines, each ending in CRLF.
inline RawAnswer Ask(int port, const std::string& method, const std::string& target,
                     const std::string& headers = "", const std::string& body = "") {
  std::string bytes = method + " " + target + " HTTP/1.1\r\n";
  if (headers.find("Host:") == std::string::npos) bytes += "Host: 127.0.0.1\r\n";
  bytes += headers;
  if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return Split(SendRaw(port, bytes + "\r\n" + body));
}

}  // namespace aiops
