// What the table of cases (nginx_cases_test.cc) cannot say: bounds, and when files are let go.
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "unit/collect/nginx_follower_harness.h"

namespace aiops {
namespace {

using Lines = FollowerHarness::Lines;

// Calls of read(2) and its like that this process has made; none where the kernel does not count.
std::optional<int> Reads() {
  std::ifstream in("/proc/self/io");
  std::string name;
  for (int value = 0; in >> name >> value;) {
    if (name == "syscr:") return value;
  }
  return std::nullopt;
}

// A log and its rotated files, half of them compressed; those of the last dozen are still open.
void RotateOften(FollowerHarness& h, int files) {
  for (int i = 0; i < files; ++i) {
    const std::string to = "access.log-" + std::to_string(20'260'000 + i);
    const bool open = i + 12 >= files;
    h.Append("in file " + std::to_string(i) + "\n");
    if (i + 12 == files) h.Start();
    h.now += milliseconds(800);
    if (open) h.Poll(milliseconds(0));
    h.Rename("access.log", to);
    if (open || i % 2 == 0) h.Gzip(to);
  }
  h.Append("now\n");
}

TEST(NginxFollower, LetsTheOldFileGoWhenItWasQuietForAMinute) {
  FollowerHarness h;
  h.Start();
  h.Append("one\n");
  h.Poll();
  h.Rename("access.log", "access.log.1");
  h.Append("two\n");
  h.Poll();
  EXPECT_EQ(h.Take(), (Lines{"one", "two"}));
  EXPECT_EQ(h.Counters().rotations, 1u);
  h.Poll(seconds(58));
  EXPECT_EQ(h.follower->State().size(), 2u);
  h.Poll(seconds(3));
  EXPECT_EQ(h.follower->State().size(), 1u);
}

// Where everything was read that a deleted log held, it was also read in a copy of it.
TEST(NginxFollower, KnowsADeletedLogForADay) {
  FollowerHarness h;
  h.Start();
  h.Append("one\n");
  h.Poll();
  h.Copy("access.log.1");
  h.Remove("access.log");
  h.Poll(minutes(2));
  h.Poll();
  h.Append("two\n");
  h.Poll();
  EXPECT_EQ(h.Take(), (Lines{"one", "two"}));
  h.Remove("access.log");
  h.Remove("access.log.1");
  h.Poll(minutes(2));
  EXPECT_FALSE(h.follower->reading());
  for (int hour = 0; hour < 23; ++hour) h.Poll(hours(1));
  EXPECT_TRUE(h.follower->resuming());
  for (int hour = 0; hour < 2; ++hour) h.Poll(hours(1));
  EXPECT_FALSE(h.follower->resuming());
  EXPECT_TRUE(h.follower->State().empty());
  EXPECT_EQ(h.Counters().files_lost, 0u);
}

// Of one that a process has left behind nobody knows how it went on.
TEST(NginxFollower, CountsALogThatDoesNotComeBackAsLost) {
  FollowerHarness h;
  h.Start();
  h.Append("one\n");
  h.Poll();
  const auto state = h.follower->State();
  h.Remove("access.log");
  h.Start(state);
  h.Poll();
  for (int hour = 0; hour < 25; ++hour) h.Poll(hours(1));
  EXPECT_FALSE(h.follower->resuming());
  EXPECT_EQ(h.Counters().files_lost, 1u);
  h.Append("two\n");
  h.Poll();
  EXPECT_EQ(h.Take(), (Lines{"one", "two"}));
  EXPECT_EQ(h.Counters().files_lost, 1u);
}

TEST(NginxFollower, BeginsALongFileAtALineNearItsEnd) {
  FollowerHarness h(4096);
  std::string text;
  for (int i = 0; text.size() < kTailBytes + 100'000; ++i)
    text += "line " + std::to_string(i) + "\n";
  h.Append(text + "last\n");
  h.Start({}, StartAt::kTail);
  h.Poll();
  EXPECT_TRUE(h.follower->began_in_middle());
  EXPECT_TRUE(h.lines.front().starts_with("line ")) << h.lines.front();
  EXPECT_EQ(h.lines.back(), "last");
}

TEST(NginxFollower, ReadsAllOfAFileThatGotTheInodeOfADeletedOne) {
  FollowerHarness h;
  h.Start();
  h.Append("one\n");
  h.Poll();
  const auto state = h.follower->State();
  h.follower.reset();
  h.Remove("access.log");
  struct stat status {};
  for (int i = 0; i < 100 && status.st_ino != state[0].inode; ++i) {
    h.Remove("access.log");
    h.Append("another\n");
    ASSERT_EQ(::stat(h.folder.Path().c_str(), &status), 0);
  }
  if (status.st_ino != state[0].inode) GTEST_SKIP() << "this file system uses no inode again";
  h.Start(state);
  h.Poll();
  EXPECT_EQ(h.lines, (Lines{"one", "another"}));
  EXPECT_EQ(h.Counters().files_lost, 1u);
}

TEST(NginxFollower, HoldsNothingOfALineOfAGigabyte) {
  FollowerHarness h(256 * 1024);
  h.Start();
  h.Append("x");
  h.Resize(1 << 30);  // sparse
  h.Append("\nnext\n");
  h.Poll();
  EXPECT_EQ(h.lines, (Lines{"too_long", "next"}));
}

// 64 MiB in 64 KiB, a line of them too long and a million of them empty.
TEST(NginxFollower, ReadsAGzipBombPieceByPiece) {
  FollowerHarness h(64 * 1024);
  h.Start();
  h.Append("first\n");
  h.Poll();
  h.Rename("access.log", "access.log.2");
  h.Append(Gzipped(std::string(1 << 26, 'x') + std::string(1'000'000, '\n') + "last\n"),
           "access.log.1.gz");
  h.Append("now\n");
  int passes = 0;
  for (std::uint64_t before = h.Counters().bytes_read; !h.Poll(milliseconds(1), 4);
       before = h.Counters().bytes_read) {
    ASSERT_LE(h.Counters().bytes_read - before, 4u * 64 * 1024 + 1) << "in one pass";
    ++passes;
  }
  EXPECT_GT(passes, 200);
  ASSERT_EQ(h.lines.size(), 1'000'003u);
  EXPECT_EQ(h.lines[1], "too_long");
  EXPECT_EQ(h.lines.back(), "now");
}

TEST(NginxFollower, AsksBetweenTheChunksThatItReadsWithoutDelivering) {
  FollowerHarness h(64 * 1024);
  h.Start();
  h.Append(std::string(1 << 22, 'x'));
  h.Append("\n");
  h.Poll();
  h.Append("rest\n");
  h.Rename("access.log", "access.log.1");
  h.Gzip("access.log.1");
  h.Append("now\n");
  h.Restart();
  int passes = 0;
  while (!h.Poll(milliseconds(1), 4)) {
    h.Restart();  // what was committed meanwhile is as it was
    if (++passes == 3) break;
  }
  EXPECT_EQ(passes, 3);
  h.Poll();
  EXPECT_EQ(h.lines, (Lines{"too_long", "rest", "now"}));
}

TEST(NginxFollower, LooksIntoFewOfManyRotatedFiles) {
  FollowerHarness h;
  RotateOften(h, 300);
  const auto before = Reads();
  if (!before) GTEST_SKIP() << "this kernel does not count reads";
  h.Poll(milliseconds(1));
  EXPECT_EQ(h.lines.back(), "now");
  EXPECT_GT(h.follower->State().size(), 10u);
  const auto rotated = Reads();
  EXPECT_LT(*rotated - *before, 250);
  for (int i = 0; i < 10; ++i) h.Poll(milliseconds(1));
  EXPECT_LT(*Reads() - *rotated, 10 * 4 * 13) << "nothing has moved";
}

// The files that it read are all gone: each of the others is looked into, once.
TEST(NginxFollower, LooksIntoEachFileOnceForFilesThatAreGone) {
  FollowerHarness h;
  RotateOften(h, 300);
  h.Poll(milliseconds(1));
  const auto state = h.follower->State();
  for (int i = 300 - 12; i < 300; ++i)
    h.Remove("access.log-" + std::to_string(20'260'000 + i) + ".gz");
  h.Start(state);
  const auto before = Reads();
  if (!before) GTEST_SKIP() << "this kernel does not count reads";
  h.Poll(milliseconds(1));
  EXPECT_LT(*Reads() - *before, 3 * 300);
}

}  // namespace
}  // namespace aiops
