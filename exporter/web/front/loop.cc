#include "web/front/loop.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>

namespace aiops {
namespace {

constexpr std::uint64_t kListener = 0;
constexpr int kAcceptsAtOnce = 1024;  // then those that are here have their turn
constexpr size_t kGreetingsAtOnce = 8;
constexpr size_t kHeadroom = 16;  // descriptors that are freed when there are none
constexpr auto kShrunkFor = std::chrono::minutes(1);

// OpenSSL writes to sockets without saying that no signal is wanted.
void BlockPipeSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

Front::Loop::Loop(Poller poller, Fd listener, FrontOptions options)
    : options_(std::move(options)),
      poller_(std::move(poller)),
      acceptor_(std::move(listener), options_.clock, poller_, kListener),
      now_(options_.clock.Steady()),
      room_(options_.limits.connections),
      thread_([this] { Run(); }) {}

Front::Loop::~Loop() {
  stop_ = true;
  poller_.Wake();
  thread_.join();
}

void Front::Loop::Run() {
  pthread_setname_np(pthread_self(), "web_front");
  BlockPipeSignal();
  while (!Finished()) {
    const std::vector<Ready> ready = poller_.Wait(Patience());
    now_ = options_.clock.Steady();
    TakeTurns(ready);
    acceptor_.Resume();
    Expire();
    if (stop_ && !stop_by_) BeginStop();
    Dispatch();
  }
}

void Front::Loop::BeginStop() {
  stop_by_ = now_ + options_.limits.last_answers;
  acceptor_.Close();
  while (!roster_.In(Stage::kReading).empty()) Drop(*roster_.In(Stage::kReading).front());
  while (!roster_.In(Stage::kQueued).empty()) {
    Refuse(*roster_.In(Stage::kQueued).front(), ErrorResponse(503, "the daemon is stopping"));
  }
}

bool Front::Loop::Finished() const {
  if (!stop_by_) return false;
  const bool answered = roster_.In(Stage::kQueued).empty() && roster_.In(Stage::kServing).empty() &&
                        roster_.In(Stage::kWriting).empty();
  return answered || now_ >= *stop_by_;
}

// First who comes; then who is known; then some of those whose first words make us do the dear part
// of a TLS handshake, the latest first. So a crowd that begins handshakes and ends none delays
// neither those who are further nor who comes after it; the rest has its turn later, or has to go.
void Front::Loop::TakeTurns(const std::vector<Ready>& ready) {
  std::vector<Ready> greetings;
  for (const Ready& one : ready) {
    if (one.token == kListener) Accept();
  }
  for (const Ready& one : ready) {
    const Connection* const c = roster_.Find(one.token / 2);
    if (c == nullptr) continue;  // the listener, or closed by another event of this turn
    if (c->channel == nullptr && c->stage == Stage::kReading) {
      greetings.push_back(one);
    } else {
      OnReady(one);
    }
  }
  std::sort(greetings.begin(), greetings.end(),
            [](const Ready& a, const Ready& b) { return a.token > b.token; });
  if (greetings.size() > kGreetingsAtOnce) greetings.resize(kGreetingsAtOnce);
  for (const Ready& one : greetings) OnReady(one);
}

// Even tokens are clients, odd ones the workers that serve them.
void Front::Loop::OnReady(const Ready& ready) {
  Connection* const c = roster_.Find(ready.token / 2);
  if (c == nullptr) return;
  if (ready.token % 2 == 1) return OnWorker(*c);
  switch (c->stage) {
    case Stage::kReading:
      return ReadRequest(*c);
    case Stage::kQueued:
      return Drop(*c);  // nothing is awaited of the client but that it is gone
    case Stage::kServing:
      return Abandon(*c);
    case Stage::kWriting:
      return Write(*c);
    case Stage::kLingering:
      return Drain(*c);
  }
}

void Front::Loop::Accept() {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    auto accepted = acceptor_.Next([this] { return Shrink(); });
    if (!accepted) return;
    Admit(std::move(*accepted));
  }
}

void Front::Loop::Admit(Accepted accepted) {
  const FrontLimits& limits = options_.limits;
  if (roster_.ReadingFrom(accepted.peer.key) >= limits.reading_per_peer) {
    options_.refused(503);
    Drop(*roster_.LongestReadingFrom(accepted.peer.key));
  } else if (roster_.size() >= room_ && !MakeRoom()) {
    return options_.refused(503);
  }
  auto made = std::make_unique<Connection>();
  const int fd = accepted.fd.get();
  made->tls = options_.tls() != nullptr;
  made->fd = std::move(accepted.fd);
  made->peer = std::move(accepted.peer);
  Connection& c = roster_.Add(std::move(made), now_);
  c.interest = EPOLLIN;
  if (!poller_.Watch(fd, c.interest, 2 * c.id)) return Drop(c);
  // A request that is here already is not to be taken for one that is awaited. A handshake is dear:
  // who has to go for others before its turn costs none.
  if (!c.tls) ReadRequest(c);
}

// Closes somebody, so that another has room.
bool Front::Loop::MakeRoom() {
  Connection* const c = roster_.Dispensable();
  if (c == nullptr) return false;
  if (c->stage == Stage::kReading) options_.refused(503);
  Drop(*c);
  return true;
}

// The process has no descriptor left: for a while fewer connections are held, so that workers,
// collectors and the store have some. False: nobody could be closed.
bool Front::Loop::Shrink() {
  const size_t held = roster_.size();
  room_ = held > 2 * kHeadroom ? held - kHeadroom : held / 2 + 1;
  shrunk_until_ = now_ + kShrunkFor;
  while (roster_.size() > room_ && MakeRoom()) continue;
  return roster_.size() < held;
}

void Front::Loop::ExpireStage(Stage stage, std::chrono::seconds after,
                              const std::function<void(Connection&)>& end) {
  while (!roster_.In(stage).empty() && now_ - roster_.In(stage).front()->since >= after) {
    end(*roster_.In(stage).front());
  }
}

void Front::Loop::Expire() {
  const FrontLimits& limits = options_.limits;
  if (now_ >= shrunk_until_) room_ = limits.connections;
  ExpireStage(Stage::kReading, limits.request_time, [this](Connection& c) {
    Refuse(c, ErrorResponse(408, "the request was not complete in time"));
  });
  ExpireStage(Stage::kQueued, limits.queue_time, [this](Connection& c) {
    Refuse(c, ErrorResponse(503, "no worker was free in time; try again"));
  });
  ExpireStage(Stage::kWriting, limits.write_time, [this](Connection& c) { Drop(c); });
  ExpireStage(Stage::kLingering, limits.linger_time, [this](Connection& c) { Drop(c); });
}

// Milliseconds until something expires; -1: nothing does.
int Front::Loop::Patience() const {
  const FrontLimits& limits = options_.limits;
  std::optional<SteadyTime> next = stop_by_;
  const auto consider = [&](Stage stage, std::chrono::seconds after) {
    if (roster_.In(stage).empty()) return;
    const SteadyTime due = roster_.In(stage).front()->since + after;
    next = next ? std::min(*next, due) : due;
  };
  consider(Stage::kReading, limits.request_time);
  consider(Stage::kQueued, limits.queue_time);
  consider(Stage::kWriting, limits.write_time);
  consider(Stage::kLingering, limits.linger_time);
  const int pause = acceptor_.Pause();
  if (!next) return pause;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - options_.clock.Steady());
  const int wait = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
  return pause < 0 ? wait : std::min(wait, pause);
}

}  // namespace aiops
