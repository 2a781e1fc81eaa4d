#include <gtest/gtest.h>

#include <algorithm>

#include "collect/nginx/log_follower.h"
#include "unit/collect/nginx_test_log.h"

namespace aiops {
namespace {

// Collects lines; the checkpoint of a follower is its State().
class NginxFollower : public ::testing::Test {
 protected:
  void Start(StartAt start = StartAt::kBeginning) {
    follower_ = std::make_unique<LogFollower>(folder_.Path(), start);
  }
  void Restart() {
    const auto state = follower_->State();
    Start();
    follower_->Resume(state);
  }
  void Poll(Duration later = seconds(1)) {
    now_ += later;
    ReadPass pass;
    pass.buffer = buffer_;
    pass.sink = [&](std::string_view line, LineFault fault) {
      lines_.emplace_back(fault == LineFault::kNone ? line : ToString(fault));
    };
    pass.go_on = [] { return true; };
    follower_->Poll(now_, pass);
  }
  std::vector<std::string> Take() { return std::exchange(lines_, {}); }

  using Lines = std::vector<std::string>;
  TestLogFolder folder_;
  std::unique_ptr<LogFollower> follower_;
  std::array<char, 64> buffer_{};  // small: lines cross chunks
  Lines lines_;
  Time now_ = FromUnixMillis(1'700'000'000'000);
};

TEST_F(NginxFollower, ReadsTheOldFileOnWhileAWriterHoldsIt) {
  Start();
  folder_.Append("one\n");
  Poll();
  folder_.Append("two\nthr");
  folder_.Rename("access.log", "access.log.1");
  folder_.Append("new1\n");
  Poll();
  EXPECT_EQ(Take(), (Lines{"one", "two", "new1"}));
  folder_.Append("ee\nfour\n", "access.log.1");
  folder_.Append("new2\n");
  Poll(seconds(50));
  EXPECT_EQ(Take(), (Lines{"three", "four", "new2"}));
  EXPECT_EQ(follower_->counters().rotations, 1u);
  Poll(seconds(59));
  EXPECT_EQ(follower_->State().size(), 2u);
  Poll(seconds(2));
  EXPECT_EQ(follower_->State().size(), 1u) << "quiet for a minute";
}

TEST_F(NginxFollower, KeepsTheOldFileAsLongAsTheNewOneIsEmpty) {
  Start();
  folder_.Append("one\n");
  Poll();
  folder_.Rename("access.log", "access.log.1");
  folder_.Append("");
  Poll();
  Poll(hours(5));
  folder_.Append("two\n", "access.log.1");
  Poll();
  EXPECT_EQ(Take(), (Lines{"one", "two"}));
}

TEST_F(NginxFollower, FindsAllFilesOfSeveralRotationsBetweenTwoLooks) {
  for (const bool restart : {false, true}) {
    for (const auto& names :
         {Lines{"access.log.3", "access.log.2", "access.log.1"},
          Lines{"access.log-20261121", "access.log-20261122", "access.log-20261123"},
          Lines{"access-20261121.log", "access-20261122.log", "access-20261123.log"}}) {
      std::filesystem::remove_all(folder_.Path(""));
      std::filesystem::create_directory(folder_.Path(""));
      Start();
      folder_.Append("0\n");
      Poll();
      for (size_t i = 0; i < names.size(); ++i) {
        folder_.Append(std::to_string(i) + "x\n");
        folder_.Rename("access.log", names[i]);
      }
      folder_.Append("now\n");
      if (restart) Restart();
      Poll();
      EXPECT_EQ(Take(), (Lines{"0", "0x", "1x", "2x", "now"})) << names[0] << restart;
    }
  }
}

TEST_F(NginxFollower, ReadsTheCopyThatCopytruncateMade) {
  for (const bool restart : {false, true}) {
    for (const char* refill : {"", "n\n", "a new file that is longer than the old one was\n"}) {
      std::filesystem::remove_all(folder_.Path(""));
      std::filesystem::create_directory(folder_.Path(""));
      Start();
      folder_.Append("the first line\n");
      Poll();
      folder_.Append("unseen\n");
      folder_.CopyTruncate("access.log.1");
      folder_.Append(refill);
      if (restart) Restart();
      Poll();
      Lines expected{"the first line", "unseen"};
      if (*refill) expected.emplace_back(refill, std::string(refill).size() - 1);
      EXPECT_EQ(Take(), expected) << restart << refill;
      EXPECT_EQ(follower_->counters().truncations, 1u);
      folder_.Append("later\n");
      Poll();
      EXPECT_EQ(Take(), Lines{"later"});
    }
  }
}

TEST_F(NginxFollower, StartsAgainAfterATruncationWithoutACopy) {
  Start();
  folder_.Append("one\npart");
  Poll();
  std::filesystem::resize_file(folder_.Path(), 0);
  folder_.Append("two\n");
  Poll();
  EXPECT_EQ(Take(), (Lines{"one", "two"}));
  EXPECT_EQ(follower_->counters().truncations, 1u);
}

TEST_F(NginxFollower, GoesOnAtTheEndOfAFileThatWasMerelyCut) {
  for (const bool restart : {false, true}) {
    std::filesystem::remove(folder_.Path());
    Start();
    const std::string head(2000, 'h');
    folder_.Append(head + "\nlost\n");
    Poll();
    std::filesystem::resize_file(folder_.Path(), 2001);
    if (restart) Restart();
    Poll();
    folder_.Append("two\n");
    Poll();
    EXPECT_EQ(Take(), (Lines{head, "lost", "two"})) << restart;
  }
}

TEST_F(NginxFollower, TellsFilesWithEqualFirstLinesApartByTheirInodes) {
  const std::string same(1500, 's');
  Start();
  folder_.Append(same + "\n1\n");
  Poll();
  Take();
  folder_.Append("2\n");
  folder_.Rename("access.log", "access.log.1");
  folder_.Append(same + "\n3\n4\n5\n");
  Restart();
  Poll();
  EXPECT_EQ(Take(), (Lines{"2", same, "3", "4", "5"}));
}

TEST_F(NginxFollower, RestartsWithinAPartialAndWithinALongLine) {
  Start();
  folder_.Append("one\ntw");
  Poll();
  Restart();
  folder_.Append("o\n" + std::string(100'000, 'x'));
  Poll();
  Restart();
  Poll();
  folder_.Append("x\nthree\n");
  Restart();
  Poll();
  EXPECT_EQ(Take(), (Lines{"one", "two", "too_long", "three"}));
}

TEST_F(NginxFollower, SaysThatAFileIsLost) {
  Start();
  folder_.Append("one\n");
  Poll();
  folder_.Append("two\n");
  folder_.Rename("access.log", "access.log.2.gz");
  folder_.Append("three\n", "access.log.1");
  folder_.Append("four\n");
  Restart();
  Poll();
  EXPECT_EQ(Take(), (Lines{"one", "three", "four"}));
  EXPECT_EQ(follower_->counters().files_lost, 1u);
}

TEST_F(NginxFollower, FollowsASymlinkToAnotherFile) {
  folder_.Append("one\n", "a");
  folder_.Append("two\n", "b");
  std::filesystem::create_symlink(folder_.Path("a"), folder_.Path());
  Start();
  Poll();
  std::filesystem::remove(folder_.Path());
  std::filesystem::create_symlink(folder_.Path("b"), folder_.Path());
  Poll();
  EXPECT_EQ(Take(), (Lines{"one", "two"}));
}

TEST_F(NginxFollower, BeginsALongFileAtALineNearItsEnd) {
  std::string text;
  for (int i = 0; text.size() < kTailBytes + 100'000; ++i)
    text += "line " + std::to_string(i) + "\n";
  folder_.Append(text + "last\n");
  Start(StartAt::kTail);
  Poll();
  const auto lines = Take();
  EXPECT_TRUE(follower_->began_in_middle());
  EXPECT_TRUE(lines.front().starts_with("line ")) << lines.front();
  EXPECT_EQ(lines.back(), "last");
}

TEST_F(NginxFollower, ReportsAnUnfinishedLastLineOfAFileThatIsGivenUp) {
  Start();
  folder_.Append("one\ntw");
  Poll();
  folder_.Rename("access.log", "access.log.1");
  folder_.Append("new\n");
  Poll();
  Poll(minutes(2));
  EXPECT_EQ(Take(), (Lines{"one", "new", "unfinished"}));
}

}  // namespace
}  // namespace aiops
