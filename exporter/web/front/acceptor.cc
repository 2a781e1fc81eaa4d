#include "web/front/acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace aiops {
namespace {

constexpr int kPause = 100;  // milliseconds
constexpr auto kBetweenLogs = std::chrono::minutes(1);

bool OutOfResources(int code) {
  return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(Fd listener, const Clock& clock, Poller& poller, std::uint64_t token)
    : listener_(std::move(listener)), clock_(clock), poller_(poller), token_(token) {
  AIOPS_CHECK(poller_.Watch(listener_.get(), EPOLLIN, token_));
}

std::optional<Accepted> Acceptor::Next(const std::function<bool()>& make_room) {
  while (true) {
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    Fd fd(accept4(listener_.get(), reinterpret_cast<sockaddr*>(&from), &size,
                  SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      const int on = 1;  // answers go out in one piece; waiting for more of them helps nobody
      setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      return Accepted{std::move(fd), PeerOf(from)};
    }
    // None waits, or an error of one connection that is gone: the next turn takes those behind it.
    if (!OutOfResources(errno) || Starved(make_room)) return std::nullopt;
  }
}

// True: give up for now.
bool Acceptor::Starved(const std::function<bool()>& make_room) {
  const auto now = clock_.Steady();
  if (!logged_ || now - *logged_ >= kBetweenLogs) {
    logged_ = now;
    LogWarn("the web server has no file descriptor left for a connection: raise LimitNOFILE",
            {{"err", std::strerror(EMFILE)}});
  }
  if (make_room()) return false;
  paused_ = now;
  poller_.Change(listener_.get(), 0, token_);
  return true;
}

int Acceptor::Pause() const { return paused_ && listener_ ? kPause : -1; }

void Acceptor::Resume() {
  if (!paused_ || !listener_) return;
  if (clock_.Steady() - *paused_ < std::chrono::milliseconds(kPause)) return;
  paused_.reset();
  poller_.Change(listener_.get(), EPOLLIN, token_);
}

}  // namespace aiops
