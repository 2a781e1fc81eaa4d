#include "web/transport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "fakes/manual_clock.h"
#include "raw_http.h"
#include "web/front/front_limits.h"
#include "web/front/workers.h"
#include "web/listen_address.h"

namespace aiops {
namespace {

const std::string kGet = "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n";

// Answers "/large" with much and others with their path; "/wait" when the test says so.
class TransportTest : public testing::Test {
 protected:
  void Open(int workers) {
    TransportOptions options{clock_, "127.0.0.1:0", workers};
    options.headers = [] { return HeaderList{{"X-Common", "1"}}; };
    options.tls = [] { return nullptr; };
    options.handle = [this](WebRequest request) { return Handle(std::move(request)); };
    options.refused = [this](int status) {
      std::lock_guard lock(mutex_);
      refused_.push_back(status);
      changed_.notify_all();
    };
    transport_ = *Transport::Open(std::move(options));
  }
  ~TransportTest() override { Release(); }

  WebResponse Handle(WebRequest request) {
    std::unique_lock lock(mutex_);
    ++handled_;
    changed_.notify_all();
    if (request.path == "/wait") changed_.wait(lock, [this] { return released_; });
    WebResponse response;
    response.body = request.path == "/large" ? std::string(12 << 20, 'x') : request.path;
    response.body += request.body;
    last_ = std::move(request);
    return response;
  }

  void Release() {
    std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  void AwaitHandled(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return handled_ >= count; });
  }
  void AwaitRefused() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !refused_.empty(); });
  }
  std::vector<int> refused() {
    std::lock_guard lock(mutex_);
    return refused_;
  }

  std::string Send(const std::string& bytes) { return SendRaw(transport_->port(), bytes); }
  RawClient Begin(const std::string& bytes) {
    RawClient client(transport_->port());
    client.Send(bytes);
    return client;
  }

  ManualClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> refused_;
  int handled_ = 0;
  bool released_ = false;
  WebRequest last_;
  std::unique_ptr<Transport> transport_;
};

TEST_F(TransportTest, HandsARequestOverAsItCame) {
  Open(2);
  const RawAnswer answer = Split(
      Send("POST /a%20b?c=d&e HTTP/1.1\r\nHost: h:1\r\nOrigin: o\r\nAccept: x\r\nAccept: y\r\n"
           "Content-Type: t\r\nAuthorization: s\r\nAiops-Hop-Peer: 192.0.2.9\r\n"
           "Aiops-Hop-Tls: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "/a%20babc");
  EXPECT_NE(answer.head.find("X-Common: 1\r\n"), std::string::npos);
  EXPECT_EQ(last_.method, "POST");
  EXPECT_EQ(last_.query, "c=d&e");
  EXPECT_EQ(last_.host, "h:1");
  EXPECT_EQ(last_.origin, "o");
  EXPECT_EQ(last_.accept, "x, y");
  EXPECT_EQ(last_.content_type, "t");
  EXPECT_EQ(last_.authorization, "s");
  EXPECT_EQ(last_.remote, "127.0.0.1");  // what strangers say about the hop is not heard
  EXPECT_FALSE(last_.tls);
}

TEST_F(TransportTest, IsNotHeldUpByIdleConnections) {
  Open(2);
  std::vector<RawClient> idle;
  for (int i = 0; i < 100; ++i) idle.push_back(Begin(i % 2 == 0 ? "" : "GET / HT"));
  EXPECT_EQ(Split(Send(kGet)).body, "/quick");
  // Those that waited longest made room for it and for each other.
  std::string nothing;
  EXPECT_EQ(idle.front().Receive(nothing), 0u);
  const std::vector<int> closed = refused();
  EXPECT_EQ(closed.size(), 37u);
  EXPECT_EQ(std::count(closed.begin(), closed.end(), 503), 37);
  idle.back().Send("TP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(Split(idle.back().ReceiveAll()).status, 200);
}

TEST_F(TransportTest, GivesUpOnThoseWhoDoNotFinishInTime) {
  Open(2);
  RawClient slow = Begin("GET / HTTP/1.1\r\nHost: a\r\n");
  Send(kGet);  // by now the slow one was accepted
  clock_.Advance(seconds(9));
  slow.Send("X: y\r\n");  // dripping does not help
  Send(kGet);
  clock_.Advance(seconds(1));
  Send(kGet);
  EXPECT_EQ(Split(slow.ReceiveAll()).status, 408);
  EXPECT_EQ(refused(), std::vector<int>{408});
}

TEST_F(TransportTest, KeepsItsWorkersFromSlowReaders) {
  Open(1);
  std::vector<RawClient> slow;
  for (int i = 0; i < 2; ++i) slow.push_back(Begin("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(Split(Send(kGet)).body, "/quick");
  EXPECT_EQ(Split(slow[0].ReceiveAll()).body.size(), 12u << 20);
  clock_.Advance(seconds(10));  // the other took nothing for too long
  Send(kGet);
  EXPECT_LT(slow[1].ReceiveAll().size(), 12u << 20);
}

TEST_F(TransportTest, LeavesWorkersForReadersWhileCommandsWait) {
  Open(2);
  RawClient first = Begin("POST /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  AwaitHandled(1);
  RawClient second = Begin("POST /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(Split(Send(kGet)).body, "/quick");
  Release();
  EXPECT_EQ(Split(first.ReceiveAll()).status, 200);
  EXPECT_EQ(Split(second.ReceiveAll()).status, 200);
}

TEST_F(TransportTest, BoundsItsQueue) {
  Open(1);
  RawClient served = Begin("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  AwaitHandled(1);
  std::vector<RawClient> waiting;
  for (size_t i = 0; i <= LimitsFor(1).queued; ++i) waiting.push_back(Begin(kGet));
  AwaitRefused();
  waiting[0].SendNoMore();  // a client may end its side and still wants its answer
  Release();
  size_t answered = 0, told = 0;
  for (RawClient& client : waiting) {
    const RawAnswer answer = Split(client.ReceiveAll());
    answered += answer.status == 200;
    told += answer.status == 503 && answer.head.find("Retry-After: 1\r\n") != std::string::npos;
  }
  EXPECT_EQ(told, 1u);
  EXPECT_EQ(answered, waiting.size() - 1);
}

TEST_F(TransportTest, ServesOthersAfterAClientLeftWithoutItsAnswer) {
  Open(1);
  std::optional<RawClient> gone(Begin("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"));
  AwaitHandled(1);
  const linger reset{1, 0};
  setsockopt(gone->fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  gone.reset();
  RawClient next = Begin(kGet);
  Release();
  EXPECT_EQ(Split(next.ReceiveAll()).body, "/quick");
}

TEST_F(TransportTest, TellsAClientThatWaitsToContinue) {
  Open(1);
  RawClient client =
      Begin("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  std::string first;
  client.Receive(first);
  EXPECT_EQ(first, "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("{}");
  EXPECT_EQ(Split(client.ReceiveAll()).body, "/{}");
  const std::string refused =
      Send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n");
  EXPECT_EQ(Split(refused).status, 413);
}

TEST_F(TransportTest, AnswersOneRequestOnly) {
  Open(1);
  const std::string answer = Send(kGet + kGet + "POST /x HTTP/1.1\r\n\r\n");
  EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos);
  EXPECT_EQ(handled_, 1);
}

TEST_F(TransportTest, DropsUnfinishedRequestsWhenItStops) {
  Open(1);
  RawClient idle = Begin("GET /");
  RawClient served = Begin("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  AwaitHandled(1);
  std::jthread stop([this] { transport_.reset(); });
  EXPECT_EQ(idle.ReceiveAll(), "");
  Release();
  EXPECT_EQ(Split(served.ReceiveAll()).status, 200);
}

TEST(Workers, AnswerNobodyButTheFront) {
  const Hop hop = Hop::Draw();
  std::atomic<int> handled{0}, refused{0};
  const auto workers = *Workers::Start({hop, 2,
                                        [&](WebRequest) {
                                          ++handled;
                                          return WebResponse{};
                                        },
                                        [] { return HeaderList{}; }, [&](int) { ++refused; }});
  WebRequest request;
  request.method = "GET";
  request.path = "/";
  request.host = "a";
  const auto ask = [&](const char* from, const std::string& bytes) {
    RawClient client(workers->port(), from);
    client.Send(bytes);
    return Split(client.ReceiveAll()).status;
  };
  EXPECT_EQ(ask(hop.source().c_str(), hop.Encode(request)), 200);
  EXPECT_EQ(ask("127.0.0.1", hop.Encode(request)), 0);
  EXPECT_EQ(ask(hop.source().c_str(), Hop::Draw().Encode(request)), 403);
  EXPECT_EQ(ask(hop.source().c_str(), kGet), 403);
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(refused, 2);
}

TEST(ListenAddress, ListensOnBothFamilies) {
  const auto all = Listen(*ParseListenAddress(":0"));
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_GT(PortOf(*all), 0);
  RawClient client(PortOf(*all));
  client.Send("x");
  const int accepted = accept4(all->get(), nullptr, nullptr, SOCK_CLOEXEC);
  EXPECT_GE(accepted, 0);
  close(accepted);
}

TEST(ListenAddress, IsAnAddressAndAPort) {
  for (const char* good : {"127.0.0.1:8100", ":8100", "[::1]:0", "localhost:1", "[::]:8100"})
    EXPECT_TRUE(ParseListenAddress(good)) << good;
  for (const char* bad : {"", "8100", "127.0.0.1", "::1:8100", "[::1:8100", "[::1]", "host:8100",
                          "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:65536", "[127.0.0.1]:1"})
    EXPECT_FALSE(ParseListenAddress(bad)) << bad;
}

}  // namespace
}  // namespace aiops
