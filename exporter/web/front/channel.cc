#include "web/front/channel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <climits>

namespace aiops {
namespace {

class PlainChannel final : public Channel {
 public:
  explicit PlainChannel(int fd) : fd_(fd) {}

  Moved Read(char* buffer, size_t size) override {
    const ssize_t n = recv(fd_, buffer, size, 0);
    if (n == 0) return {Io::kEnd};
    return Outcome(n, Io::kWantRead);
  }

  Moved Write(std::string_view bytes) override {
    return Outcome(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), Io::kWantWrite);
  }

  void CloseWrite() override { shutdown(fd_, SHUT_WR); }
  bool Ready() const override { return true; }
  bool SpokePlainHttp() const override { return false; }

 private:
  static Moved Outcome(ssize_t n, Io blocked) {
    if (n >= 0) return {Io::kDone, static_cast<size_t>(n)};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {blocked};
    return {Io::kFailed};
  }

  int fd_;
};

class TlsChannel final : public Channel {
 public:
  TlsChannel(int fd, const TlsContext& context) : fd_(fd), ssl_(SSL_new(context.get()), &SSL_free) {
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd) != 1) {
      ssl_.reset();
      return;
    }
    SSL_set_accept_state(ssl_.get());
  }

  Moved Read(char* buffer, size_t size) override {
    if (!ssl_) return {Io::kFailed};
    ERR_clear_error();
    size_t n = 0;
    const int done = SSL_read_ex(ssl_.get(), buffer, size, &n);
    return Outcome(done, n);
  }

  Moved Write(std::string_view bytes) override {
    if (!ssl_) return {Io::kFailed};
    ERR_clear_error();
    size_t n = 0;
    const int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &n);
    return Outcome(done, n);
  }

  void CloseWrite() override {
    ERR_clear_error();
    if (ssl_ && Ready()) SSL_shutdown(ssl_.get());
    shutdown(fd_, SHUT_WR);
  }

  bool Ready() const override { return ssl_ && SSL_is_init_finished(ssl_.get()) == 1; }
  bool SpokePlainHttp() const override { return spoke_plain_http_; }

 private:
  Moved Outcome(int done, size_t n) {
    if (done == 1) return {Io::kDone, n};
    switch (SSL_get_error(ssl_.get(), done)) {
      case SSL_ERROR_WANT_READ:
        return {Io::kWantRead};
      case SSL_ERROR_WANT_WRITE:
        return {Io::kWantWrite};
      case SSL_ERROR_ZERO_RETURN:
        return {Io::kEnd};
      default:
        spoke_plain_http_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
        ERR_clear_error();
        return {Io::kFailed};
    }
  }

  int fd_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  bool spoke_plain_http_ = false;
};

}  // namespace

std::unique_ptr<Channel> MakePlainChannel(int fd) { return std::make_unique<PlainChannel>(fd); }

std::unique_ptr<Channel> MakeTlsChannel(int fd, const TlsContext& context) {
  return std::make_unique<TlsChannel>(fd, context);
}

}  // namespace aiops
