#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "collect/host/filesystem_watch.h"

namespace aiops::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kGb = 1e9;
constexpr const char* kWritable = "1 0 8:1 / /srv rw - ext4 /dev/sda1 rw\n";
constexpr const char* kReadOnly = "1 0 8:1 / /srv rw - ext4 /dev/sda1 ro,errors=remount-ro\n";

// One file system of 1000 GB, looked at once a minute.
class HostFilesystemWatch : public testing::Test {
 protected:
  std::vector<Fact> Look(double used_gb, const char* mountinfo = kWritable) {
    usage_.used_bytes = used_gb * kGb;
    usage_.available_bytes = (1000 - used_gb) * kGb;
    now_ += minutes(1);
    return watch_.Look(mountinfo, boot_,
                       std::chrono::steady_clock::time_point(now_.time_since_epoch()), now_);
  }

  static std::vector<std::string> Names(const std::vector<Fact>& facts) {
    std::vector<std::string> names;
    for (const auto& fact : facts) names.push_back(fact.name);
    return names;
  }

  FilesystemOptions Options() {
    FilesystemOptions options;
    options.rootfs = "/rootfs";
    options.stat = [this](const std::string& path) -> Result<Usage> {
      asked_.push_back(path);
      if (broken_) return Unavailable("Input/output error");
      return usage_;
    };
    return options;
  }

  Usage usage_;
  bool broken_ = false;
  std::string boot_ = "boot-1";
  std::vector<std::string> asked_;
  Time now_ = FromUnixMillis(1'700'000'000'000);
  FilesystemWatch watch_{Options()};
};

TEST_F(HostFilesystemWatch, ReportsAFullFileSystemWithItsNumbers) {
  EXPECT_THAT(Look(950), IsEmpty());
  const auto facts = Look(962);
  ASSERT_THAT(Names(facts), ElementsAre("filesystem_full"));
  EXPECT_EQ(facts[0].object, "/srv");
  EXPECT_EQ(facts[0].severity, Severity::kCritical);
  EXPECT_EQ(facts[0].summary, "/srv is 96.2 % full, 38.0 GB free");
  EXPECT_EQ(facts[0].since, now_);
  EXPECT_THAT(facts[0].details, testing::Contains(testing::Pair("free_bytes", "38000000000")));
}

TEST_F(HostFilesystemWatch, AFullFileSystemAtTheLineIsOneEpisode) {
  const auto since = Look(951)[0].since;
  const auto still = Look(949);
  ASSERT_THAT(Names(still), ElementsAre("filesystem_full"));
  EXPECT_EQ(still[0].since, since);
  EXPECT_THAT(Look(939), IsEmpty());
  EXPECT_THAT(Look(949), IsEmpty());
}

TEST_F(HostFilesystemWatch, RunningOutOfInodesIsFull) {
  usage_.used_inodes = 990;
  usage_.available_inodes = 10;
  EXPECT_EQ(Look(100)[0].summary, "/srv has used 99.0 % of its inodes");
}

TEST_F(HostFilesystemWatch, AsksBelowTheRootThatWasGiven) {
  Look(100);
  EXPECT_THAT(asked_, ElementsAre("/rootfs/srv"));
}

TEST_F(HostFilesystemWatch, AnImageThatWasMadeReadOnlyAndFullIsNoFact) {
  EXPECT_THAT(Look(1000, kReadOnly), IsEmpty());
  EXPECT_THAT(Look(1000, kReadOnly), IsEmpty());
}

TEST_F(HostFilesystemWatch, ReportsOneThatTurnedReadOnlyUntilItIsWritableAgain) {
  EXPECT_THAT(Look(100), IsEmpty());
  EXPECT_THAT(Names(Look(100, kReadOnly)), ElementsAre("filesystem_readonly"));
  EXPECT_THAT(Names(Look(100, kReadOnly)), ElementsAre("filesystem_readonly"));
  EXPECT_THAT(Look(100), IsEmpty());
}

TEST_F(HostFilesystemWatch, RemembersThatItWasWritableOverARestartOfOurs) {
  Look(100);
  const auto before = Look(100, kReadOnly);
  FilesystemWatch restarted{Options()};
  ASSERT_TRUE(restarted.Restore(watch_.Snapshot()));
  watch_ = restarted;
  const auto after = Look(100, kReadOnly);
  ASSERT_THAT(Names(after), ElementsAre("filesystem_readonly"));
  EXPECT_EQ(after[0].since, before[0].since);
}

TEST_F(HostFilesystemWatch, ForgetsItAfterABootOfTheMachine) {
  Look(100);
  boot_ = "boot-2";
  EXPECT_THAT(Look(100, kReadOnly), IsEmpty());
}

TEST_F(HostFilesystemWatch, PredictsFullWithinHoursFromASteadyRise) {
  std::vector<Fact> facts;
  for (int minute = 0; minute <= 10; ++minute) facts = Look(800 + minute);  // 1 GB a minute
  ASSERT_THAT(Names(facts), ElementsAre("filesystem_filling"));
  EXPECT_EQ(facts[0].severity, Severity::kWarning);
  EXPECT_EQ(facts[0].summary,
            "/srv will be full in 3.2 h at the present speed: 81.0 % full, 190 GB free");
}

TEST_F(HostFilesystemWatch, DoesNotPredictBeforeTenMinutesAreKnown) {
  for (int minute = 0; minute < 10; ++minute)
    EXPECT_THAT(Look(800 + 10 * minute), IsEmpty()) << minute;
}

TEST_F(HostFilesystemWatch, ASlowRiseOrMuchRoomIsNoFact) {
  for (int minute = 0; minute < 60; ++minute) EXPECT_THAT(Look(800 + 0.5 * minute), IsEmpty());
  for (int minute = 0; minute < 60; ++minute) EXPECT_THAT(Look(300 + 5.0 * minute), IsEmpty());
}

TEST_F(HostFilesystemWatch, ARiseThatBeginsNowIsSeenWithinTwentyMinutes) {
  for (int minute = 0; minute < 120; ++minute) EXPECT_THAT(Look(720), IsEmpty());
  int minutes_until_seen = 1;
  while (minutes_until_seen < 40 && Look(720 + 2.0 * minutes_until_seen).empty())
    ++minutes_until_seen;
  EXPECT_LE(minutes_until_seen, 20);
}

TEST_F(HostFilesystemWatch, BigFilesNowAndThenAreNoTrend) {
  for (int minute = 0; minute < 30; ++minute) Look(720);
  for (int minute = 0; minute < 12; ++minute) EXPECT_THAT(Look(820), IsEmpty());
  for (int minute = 0; minute < 60; ++minute) EXPECT_THAT(Look(890), IsEmpty());
}

TEST_F(HostFilesystemWatch, ASawtoothIsLearnedFromItsFirstTooth) {
  const auto tooth = [&](int minute) { return 750 + 2.0 * minute; };  // 750..870, then rotated
  for (int minute = 0; minute < 60; ++minute) Look(tooth(minute));
  for (int round = 0; round < 4; ++round)
    for (int minute = 0; minute < 60; ++minute)
      EXPECT_THAT(Look(tooth(minute)), IsEmpty()) << round << ":" << minute;
  std::vector<Fact> facts;
  for (int minute = 0; minute < 75; ++minute) facts = Look(tooth(minute));
  EXPECT_THAT(Names(facts), ElementsAre("filesystem_filling")) << "beyond every earlier peak";
}

TEST_F(HostFilesystemWatch, FillingGoesOnOverARestartUntilTheTrendIsKnown) {
  for (int minute = 0; minute <= 10; ++minute) Look(800 + minute);
  FilesystemWatch restarted{Options()};
  ASSERT_TRUE(restarted.Restore(watch_.Snapshot()));
  watch_ = restarted;
  EXPECT_THAT(Look(811)[0].summary, HasSubstr("is filling up"));
  std::vector<Fact> facts;
  for (int minute = 0; minute <= 10; ++minute) facts = Look(811);
  EXPECT_THAT(facts, IsEmpty());
}

TEST_F(HostFilesystemWatch, OneThatCannotBeAskedAnyMoreStaysFull) {
  Look(990);
  broken_ = true;
  EXPECT_THAT(Names(Look(0)), ElementsAre("filesystem_full"));
  EXPECT_EQ(watch_.total_errors(), 1);
  EXPECT_FALSE(watch_.view()[0].usage);
}

TEST_F(HostFilesystemWatch, OneThatIsUnmountedIsForgotten) {
  Look(990);
  EXPECT_THAT(Look(990, ""), IsEmpty());
}

TEST_F(HostFilesystemWatch, HostileMountPointsAreMadeHarmless) {
  const auto facts = Look(990, "1 0 8:1 / /a\\012b\\033\\377 rw - ext4 /dev/sda1 rw\n");
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].object, "/a b \xEF\xBF\xBD");
  FilesystemWatch restarted{Options()};
  EXPECT_TRUE(restarted.Restore(watch_.Snapshot()));
  EXPECT_EQ(restarted.Snapshot(), watch_.Snapshot());
}

TEST_F(HostFilesystemWatch, RefusesADamagedSnapshotAndBeginsAfresh) {
  Look(990);
  const auto good = watch_.Snapshot();
  for (const auto& bad :
       {std::string(), std::string("\n"), std::string("filesystems-9 00\n"),
        std::string("filesystems-1 0g\n"), std::string("filesystems-1 00\nxx rw - - -\n"),
        std::string("filesystems-1 00\n2f rw - -\n"),
        std::string("filesystems-1 00\n2f rw 99999999999999999 - -\n"), good + "garbage\n",
        good + good}) {
    FilesystemWatch fresh{Options()};
    const auto restored = fresh.Restore(bad);
    ASSERT_FALSE(restored) << bad;
    EXPECT_EQ(restored.error().kind, ErrorKind::kCorruption);
  }
  EXPECT_TRUE(watch_.Restore(good));
}

TEST(HostStatUsage, AsksTheRealFileSystem) {
  const auto usage = StatUsage("/");
  ASSERT_TRUE(usage);
  EXPECT_GT(usage->size_bytes(), 0);
  EXPECT_GE(usage->percent(), 0);
  EXPECT_LE(usage->percent(), 100);
  EXPECT_FALSE(StatUsage("/nonexistent"));
}

}  // namespace
}  // namespace aiops::host
