#include "web/front/roster.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>

#include <algorithm>

#include "web/front/front_limits.h"

namespace aiops {
namespace {

Peer PeerAt(const char* address) {
  sockaddr_storage storage{};
  if (inet_pton(AF_INET, address, &reinterpret_cast<sockaddr_in&>(storage).sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    storage.ss_family = AF_INET6;
    inet_pton(AF_INET6, address, &reinterpret_cast<sockaddr_in6&>(storage).sin6_addr);
  }
  return PeerOf(storage);
}

class RosterTest : public testing::Test {
 protected:
  Connection& Add(const char* address) {
    auto made = std::make_unique<Connection>();
    made->peer = PeerAt(address);
    return roster_.Add(std::move(made), now_ += std::chrono::seconds(1));
  }

  Roster roster_;
  SteadyTime now_;
};

TEST_F(RosterTest, CountsWhoReadsByPeer) {
  Connection& first = Add("192.0.2.1");
  Connection& second = Add("::ffff:192.0.2.1");  // the same, through a socket of both
  Add("192.0.2.2");
  EXPECT_EQ(first.peer.address, "192.0.2.1");
  EXPECT_EQ(second.peer.address, "192.0.2.1");
  EXPECT_EQ(roster_.ReadingFrom(first.peer.key), 2u);
  EXPECT_EQ(roster_.LongestReadingFrom(first.peer.key), &first);
  roster_.Move(first, Stage::kQueued, now_);
  EXPECT_EQ(roster_.LongestReadingFrom(second.peer.key), &second);
  roster_.Remove(second);
  EXPECT_EQ(roster_.ReadingFrom(first.peer.key), 0u);
  EXPECT_EQ(roster_.LongestReadingFrom(first.peer.key), nullptr);
}

TEST_F(RosterTest, TakesAnIpv6NetworkForOnePeer) {
  EXPECT_EQ(PeerAt("2001:db8::1").key, PeerAt("2001:db8::ffff:1").key);
  EXPECT_NE(PeerAt("2001:db8::1").key, PeerAt("2001:db8:0:1::1").key);
  EXPECT_NE(PeerAt("::1").key, PeerAt("127.0.0.1").key);
  EXPECT_EQ(PeerAt("2001:db8::1").address, "2001:db8::1");
}

TEST_F(RosterTest, ForgetsWhoLeft) {
  const std::uint64_t id = Add("192.0.2.1").id;
  ASSERT_NE(roster_.Find(id), nullptr);
  roster_.Remove(*roster_.Find(id));
  EXPECT_EQ(roster_.Find(id), nullptr);
  EXPECT_NE(Add("192.0.2.1").id, id);
  EXPECT_EQ(roster_.size(), 1u);
}

TEST_F(RosterTest, LetsThoseGoWhoNeedUsLeast) {
  Connection& served = Add("192.0.2.1");
  Connection& queued = Add("192.0.2.1");
  roster_.Move(served, Stage::kServing, now_);
  roster_.Move(queued, Stage::kQueued, now_);
  EXPECT_EQ(roster_.Dispensable(), nullptr);
  Connection& slow = Add("192.0.2.1");
  Connection& moving = Add("192.0.2.1");
  roster_.Move(slow, Stage::kWriting, now_);
  roster_.Move(moving, Stage::kWriting, now_);
  roster_.Move(slow, Stage::kWriting, now_);  // and on it goes
  EXPECT_EQ(roster_.Dispensable(), &moving);
  Connection& idle = Add("192.0.2.2");
  Add("192.0.2.3");
  EXPECT_EQ(roster_.Dispensable(), &idle);
  Connection& done = Add("192.0.2.4");
  roster_.Move(done, Stage::kLingering, now_);
  EXPECT_EQ(roster_.Dispensable(), &done);
}

TEST(FrontLimits, LeaveHalfOfTheDescriptorsToEverythingElse) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit usual{std::min<rlim_t>(1024, before.rlim_max), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);
  const FrontLimits limits = LimitsFor(64);
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_GE(limits.connections, 64u);
  EXPECT_LE(limits.connections + 2 * limits.workers, usual.rlim_cur / 2);
}

TEST(FrontLimits, LeaveRoomForThoseThatAreNotServed) {
  const FrontLimits limits = LimitsFor(8);
  EXPECT_EQ(limits.workers, 8u);
  EXPECT_GE(limits.connections, 64u);
  EXPECT_LE(limits.connections, 2048u);
  EXPECT_LE(limits.queued, limits.connections / 4);
}

}  // namespace
}  // namespace aiops
