#include "web/front/poller.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>

namespace aiops {
namespace {

constexpr std::uint64_t kWakeToken = UINT64_MAX;
constexpr int kMaxEvents = 128;

}  // namespace

Result<Poller> Poller::Open() {
  Poller poller;
  poller.epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  poller.wake_ = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!poller.epoll_ || !poller.wake_ || !poller.Watch(poller.wake_.get(), EPOLLIN, kWakeToken)) {
    return Unavailable(std::string("the system has no epoll for the web server: ") +
                       std::strerror(errno));
  }
  return poller;
}

bool Poller::Watch(int fd, unsigned events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::Change(int fd, unsigned events, std::uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  AIOPS_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

std::vector<Ready> Poller::Wait(int milliseconds) {
  epoll_event events[kMaxEvents];
  const int n = epoll_wait(epoll_.get(), events, kMaxEvents, milliseconds);
  std::vector<Ready> ready;
  for (int i = 0; i < n; ++i) {
    if (events[i].data.u64 != kWakeToken) {
      ready.push_back({events[i].data.u64, events[i].events});
      continue;
    }
    std::uint64_t count = 0;
    (void)!read(wake_.get(), &count, sizeof(count));
  }
  return ready;
}

void Poller::Wake() const {
  const std::uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof(one));
}

}  // namespace aiops
