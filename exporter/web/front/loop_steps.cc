#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/log.h"
#include "web/front/loop.h"

namespace aiops {
namespace {

constexpr size_t kReadAtOnce = 16 * 1024;
constexpr size_t kMaxDrained = 8 << 20;  // of a body that was refused, so that the refusal is read
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

WebResponse TryAgain(std::string_view why) {
  WebResponse response = ErrorResponse(503, why);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

WebResponse AnswerTo(const Refusal& refusal) {
  WebResponse response = ErrorResponse(refusal.status, refusal.why);
  if (refusal.status == 405) response.headers.emplace_back("Allow", "GET, HEAD, POST");
  return response;
}

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

void Front::Loop::OpenChannel(Connection& c) {
  const auto tls = options_.tls();
  c.channel = tls ? MakeTlsChannel(c.fd.get(), *tls) : MakePlainChannel(c.fd.get());
}

void Front::Loop::ReadRequest(Connection& c) {
  if (!c.channel) OpenChannel(c);
  char buffer[kReadAtOnce];
  while (true) {
    const Moved moved = c.channel->Read(buffer, sizeof(buffer));
    if (moved.io == Io::kWantRead) return Await(c, EPOLLIN);
    if (moved.io == Io::kWantWrite) return Await(c, EPOLLOUT);
    if (moved.io == Io::kEnd) return OnNoMore(c);
    if (moved.io == Io::kFailed) return OnLost(c);
    switch (c.parser.Feed({buffer, moved.bytes})) {
      case RequestParser::State::kComplete:
        return Enqueue(c);
      case RequestParser::State::kRefused:
        c.head_only = c.parser.IsHead();
        return Refuse(c, AnswerTo(c.parser.refusal()));
      case RequestParser::State::kNeedsMore:
        if (!TellToContinue(c)) return Drop(c);
    }
  }
}

void Front::Loop::OnNoMore(Connection& c) {
  if (c.parser.empty()) return Drop(c);
  c.parser.End();
  Refuse(c, AnswerTo(c.parser.refusal()));
}

void Front::Loop::OnLost(Connection& c) {
  if (!c.channel->SpokePlainHttp()) return Drop(c);
  c.channel = MakePlainChannel(c.fd.get());
  Refuse(c, ErrorResponse(400, "this port speaks HTTPS: ask for https://"));
}

// False: the client is not to be reached, although nothing was sent to it before.
bool Front::Loop::TellToContinue(Connection& c) {
  if (c.told_to_continue || !c.parser.WaitsForContinue()) return true;
  c.told_to_continue = true;
  const Moved moved = c.channel->Write(kContinue);
  return moved.io == Io::kDone && moved.bytes == kContinue.size();
}

void Front::Loop::Enqueue(Connection& c) {
  WebRequest request = c.parser.Take();
  request.remote = c.peer.address;
  request.tls = c.tls;
  c.head_only = request.method == "HEAD";
  c.changes = request.method != "GET" && !c.head_only;
  if (roster_.In(Stage::kQueued).size() >= options_.limits.queued) {
    return Refuse(c, TryAgain("too many requests wait; try again"));
  }
  c.to_worker = options_.hop.Encode(request);
  roster_.Move(c, Stage::kQueued, now_);
  Await(c, 0);
}

void Front::Loop::Dispatch() {
  while (roster_.In(Stage::kServing).size() < options_.limits.workers) {
    Connection* const next = NextForWorker();
    if (next == nullptr) return;
    Serve(*next);
  }
}

// Commands wait for the pipeline; they never get all workers, so that scrapes go on meanwhile.
Connection* Front::Loop::NextForWorker() const {
  const auto& serving = roster_.In(Stage::kServing);
  const auto& queued = roster_.In(Stage::kQueued);
  const auto changing =
      std::count_if(serving.begin(), serving.end(), [](const Connection* c) { return c->changes; });
  const bool may_change = static_cast<size_t>(changing) < (options_.limits.workers + 1) / 2;
  const auto next = std::find_if(queued.begin(), queued.end(),
                                 [&](const Connection* c) { return may_change || !c->changes; });
  return next == queued.end() ? nullptr : *next;
}

void Front::Loop::Serve(Connection& c) {
  auto hop = options_.hop.Connect(options_.worker_port);
  if (!hop && Shrink()) hop = options_.hop.Connect(options_.worker_port);
  if (!hop || !poller_.Watch(hop->get(), EPOLLIN | EPOLLOUT, 2 * c.id + 1)) {
    if (!hop) LogWarn("no worker can be reached", {{"err", hop.error().message}});
    return Refuse(c, TryAgain("no worker can be reached; try again"));
  }
  c.hop = *std::move(hop);
  roster_.Move(c, Stage::kServing, now_);
}

void Front::Loop::OnWorker(Connection& c) {
  if (c.stage != Stage::kServing) return;
  if (!c.to_worker.empty() && !SendToWorker(c)) return;
  ReadFromWorker(c);
}

// False: there is nothing to read yet.
bool Front::Loop::SendToWorker(Connection& c) {
  const ssize_t n =
      send(c.hop.get(), c.to_worker.data(), c.to_worker.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && !WouldBlock()) {
    OnAnswered(c);
    return false;
  }
  c.to_worker.erase(0, static_cast<size_t>(std::max<ssize_t>(n, 0)));
  if (c.to_worker.empty()) poller_.Change(c.hop.get(), EPOLLIN, 2 * c.id + 1);
  return c.to_worker.empty();
}

void Front::Loop::ReadFromWorker(Connection& c) {
  char buffer[4 * kReadAtOnce];
  while (true) {
    const ssize_t n = recv(c.hop.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (n < 0 && WouldBlock()) return;
    if (n <= 0) return OnAnswered(c);
    c.answer.append(buffer, static_cast<size_t>(n));
    answer_bytes_ += static_cast<size_t>(n);
    if (c.answer.size() > options_.limits.answer_bytes) {
      LogError("an answer is too large to be sent", {{"bytes", c.answer.size()}});
      return Refuse(c, ErrorResponse(500, "the answer is too large; ask for less"));
    }
  }
}

// The client is gone; its worker is not free before it is done.
void Front::Loop::Abandon(Connection& c) {
  c.channel.reset();
  c.fd = Fd();
}

void Front::Loop::OnAnswered(Connection& c) {
  if (!c.fd) return Drop(c);
  if (c.answer.empty()) return Refuse(c, ErrorResponse(500, "an internal error: no answer"));
  c.hop = Fd();
  roster_.Move(c, Stage::kWriting, now_);
  while (answer_bytes_ > options_.limits.all_answer_bytes) {
    Connection* const slowest = roster_.In(Stage::kWriting).front();
    if (slowest == &c) break;
    Drop(*slowest);
  }
  Write(c);
}

void Front::Loop::Refuse(Connection& c, WebResponse response) {
  options_.refused(response.status);
  c.hop = Fd();
  // Without TLS agreed on there is no way to say it.
  if (!c.channel || !c.channel->Ready()) return Drop(c);
  SetAnswer(c, RenderAnswer(response, options_.headers(), !c.head_only));
  roster_.Move(c, Stage::kWriting, now_);
  Write(c);
}

void Front::Loop::SetAnswer(Connection& c, std::string answer) {
  answer_bytes_ += answer.size();
  answer_bytes_ -= c.answer.size();
  c.answer = std::move(answer);
}

void Front::Loop::Write(Connection& c) {
  while (c.written < c.answer.size()) {
    const Moved moved = c.channel->Write(std::string_view(c.answer).substr(c.written));
    if (moved.io == Io::kWantRead) return Await(c, EPOLLIN);
    if (moved.io == Io::kWantWrite) return Await(c, EPOLLOUT);
    if (moved.io != Io::kDone) return Drop(c);
    c.written += moved.bytes;
    roster_.Move(c, Stage::kWriting, now_);
  }
  Linger(c);
}

// Closing at once, with bytes of the client unread, would take the answer away from it.
void Front::Loop::Linger(Connection& c) {
  c.channel->CloseWrite();
  SetAnswer(c, {});
  roster_.Move(c, Stage::kLingering, now_);
  Await(c, EPOLLIN);
  Drain(c);
}

void Front::Loop::Drain(Connection& c) {
  char buffer[kReadAtOnce];
  while (c.drained < kMaxDrained) {
    const ssize_t n = recv(c.fd.get(), buffer, sizeof(buffer), 0);
    if (n < 0 && WouldBlock()) return;
    if (n <= 0) break;
    c.drained += static_cast<size_t>(n);
  }
  Drop(c);
}

void Front::Loop::Drop(Connection& c) {
  SetAnswer(c, {});
  roster_.Remove(c);
}

// What is awaited of the client; 0: nothing, but that it is gone is noticed always.
void Front::Loop::Await(Connection& c, unsigned events) {
  if (c.interest == events) return;
  c.interest = events;
  poller_.Change(c.fd.get(), events, 2 * c.id);
}

}  // namespace aiops
