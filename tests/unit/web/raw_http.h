// A client that sends any bytes, because a good client cannot send wrong ones.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace aiops {

inline std::string SendRaw(int port, const std::string& bytes) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{5, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    char buffer[16384];
    ssize_t n = 0;
    while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
      answer.append(buffer, static_cast<size_t>(n));
  }
  close(fd);
  return answer;
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
