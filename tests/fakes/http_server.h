// HttpServer: a tiny scripted HTTP/1.1 server for tests, on a loopback port that the system chooses
// or on a unix socket. It can misbehave: hang, drip, cut an answer short, lie about its length, say
// nothing.
//
//   HttpServer server([](const HttpServer::Request& request) {
//     if (request.path == "/slow") return HttpServer::Reply::Hang();
//     return HttpServer::Reply{.body = "hello"};
//   });
//   client->Send({.base_url = server.url()}, {.path = "/slow"}, stop);
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace aiops {

// Thread-safe. A thread per connection; the handler runs on it. The destructor ends every
// connection.
class HttpServer {
 public:
  struct Request {
    std::string method;
    std::string path;   // without the query
    std::string query;  // without '?'
    std::string body;
    std::map<std::string, std::string> headers;  // names in lower case
    int connection = 0;  // 1, 2, ...: equal for requests over one connection
    std::string Header(const std::string& name) const {
      const auto it = headers.find(name);
      return it == headers.end() ? "" : it->second;
    }
  };

  struct Reply {
    int status = 200;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<size_t> content_length;   // what to claim, if not the truth
    size_t send_bytes = std::string::npos;  // so many bytes of the body, then close
    std::chrono::milliseconds drip{0};      // between any two bytes of the body
    bool hang = false;                      // no answer until the client or the test ends
    bool close = false;                     // no answer, connection closed
    bool chunked = false;                   // one chunk instead of a Content-Length
    std::string raw;                        // if set: sent as it is, then close

    static Reply Hang() {
      return With([](Reply& r) { r.hang = true; });
    }
    static Reply Close() {
      return With([](Reply& r) { r.close = true; });
    }
    static Reply Raw(std::string bytes) {
      return With([&](Reply& r) { r.raw = std::move(bytes); });
    }
    template <class Change>
    static Reply With(Change change) {
      Reply reply;
      change(reply);
      return reply;
    }
  };

  using Handler = std::function<Reply(const Request&)>;

  // Listens on 127.0.0.1.
  explicit HttpServer(Handler handler) : handler_(std::move(handler)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Listen(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t length = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
  }

  // Listens on a unix socket, which must not exist yet; removed at the end.
  HttpServer(std::string unix_path, Handler handler)
      : handler_(std::move(handler)), unix_path_(std::move(unix_path)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    unix_path_.copy(address.sun_path, sizeof address.sun_path - 1);
    Listen(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }

  ~HttpServer() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    changed_.notify_all();
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
    close(listener_);
    if (!unix_path_.empty()) unlink(unix_path_.c_str());
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // All whole requests so far, in the order of arrival.
  std::vector<Request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }
  int connections() const {
    std::lock_guard lock(mutex_);
    return connections_;
  }

  // Blocks until so many requests have arrived; false after `patience`.
  bool AwaitRequests(size_t count, std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return requests_.size() >= count; });
  }

 private:
  void Listen(int family, const sockaddr* address, socklen_t length) {
    listener_ = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener_ < 0 || bind(listener_, address, length) != 0 || listen(listener_, 128) != 0) {
      std::perror("HttpServer");
      std::abort();
    }
    acceptor_ = std::thread([this] { Accept(); });
  }

  void Accept() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      std::lock_guard lock(mutex_);
      if (stopping_) {
        close(fd);
        return;
      }
      open_.insert(fd);
      threads_.emplace_back([this, fd, number = ++connections_] { Serve(fd, number); });
    }
  }

  void Serve(int fd, int number) {
    std::string buffer;
    Request request;
    while (ReadRequest(fd, buffer, request)) {
      request.connection = number;
      {
        std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      changed_.notify_all();
      if (!Answer(fd, request, handler_(request))) break;
    }
    std::lock_guard lock(mutex_);
    open_.erase(fd);
    close(fd);
  }

  static bool ReadMore(int fd, std::string& buffer) {
    char bytes[16384];
    const auto n = recv(fd, bytes, sizeof bytes, 0);
    if (n <= 0) return false;
    buffer.append(bytes, static_cast<size_t>(n));
    return true;
  }

  static bool ReadRequest(int fd, std::string& buffer, Request& out) {
    size_t end;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
      if (!ReadMore(fd, buffer)) return false;
    out = ParseHead(std::string_view(buffer).substr(0, end));
    buffer.erase(0, end + 4);
    const auto length = std::strtoul(out.Header("content-length").c_str(), nullptr, 10);
    while (buffer.size() < length)
      if (!ReadMore(fd, buffer)) return false;
    out.body = buffer.substr(0, length);
    buffer.erase(0, length);
    return true;
  }

  static Request ParseHead(std::string_view head) {
    Request out;
    const auto line = head.substr(0, head.find("\r\n"));
    const auto method_end = line.find(' ');
    const auto target = line.substr(method_end + 1, line.rfind(' ') - method_end - 1);
    const auto question = target.find('?');
    out.method = line.substr(0, method_end);
    out.path = target.substr(0, question);
    if (question != std::string_view::npos) out.query = target.substr(question + 1);
    for (head.remove_prefix(line.size()); !head.empty();) {
      head.remove_prefix(2);
      const auto field = head.substr(0, head.find("\r\n"));
      head.remove_prefix(field.size());
      const auto colon = field.find(':');
      if (colon == std::string_view::npos) continue;
      std::string name(field.substr(0, colon));
      for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      auto value = field.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      out.headers[name] = value;
    }
    return out;
  }

  // Whether the connection goes on.
  bool Answer(int fd, const Request& request, const Reply& reply) {
    if (reply.close) return false;
    if (reply.hang) {
      std::string ignored;
      while (ReadMore(fd, ignored)) {
      }
      return false;
    }
    if (!reply.raw.empty()) return Write(fd, reply.raw) && false;
    if (!Write(fd, Head(reply))) return false;
    if (request.method == "HEAD") return true;
    return WriteBody(fd, reply) && reply.send_bytes == std::string::npos && !reply.content_length;
  }

  static std::string Head(const Reply& reply) {
    auto head = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
    for (const auto& [name, value] : reply.headers) head += name + ": " + value + "\r\n";
    const auto length = reply.content_length.value_or(reply.body.size());
    head += reply.chunked ? "Transfer-Encoding: chunked\r\n"
                          : "Content-Length: " + std::to_string(length) + "\r\n";
    return head + "\r\n";
  }

  bool WriteBody(int fd, const Reply& reply) {
    auto body = std::string_view(reply.body).substr(0, reply.send_bytes);
    if (reply.chunked) return WriteChunk(fd, body, reply.send_bytes == std::string::npos);
    if (reply.drip.count() == 0) return Write(fd, body);
    for (size_t i = 0; i < body.size(); ++i) {
      if (!Write(fd, body.substr(i, 1))) return false;
      std::unique_lock lock(mutex_);
      if (changed_.wait_for(lock, reply.drip, [&] { return stopping_; })) return false;
    }
    return true;
  }

  static bool WriteChunk(int fd, std::string_view body, bool last) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    if (!body.empty() && (!Write(fd, size) || !Write(fd, body) || !Write(fd, "\r\n"))) return false;
    return !last || Write(fd, "0\r\n\r\n");
  }

  static bool Write(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  const Handler handler_;
  const std::string unix_path_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  int connections_ = 0;
  std::set<int> open_;
  std::vector<Request> requests_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace aiops
