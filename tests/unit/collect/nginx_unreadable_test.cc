// Logs that cannot be read: missing, forbidden, or no files at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/collect/nginx_harness.h"

namespace aiops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(NginxUnreadable, SaysWhatCuresAMissingLog) {
  NginxHarness h;
  const auto collected = h.Tick(h.clock.Now() + seconds(60));
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(collected.error().message, HasSubstr("set collect.nginx.logs"));
}

TEST(NginxUnreadable, CountsTheOthersWhenOneLogCannotBeRead) {
  NginxHarness h(seconds(60), "logs: ['DIR/*.log']");
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1)), "a.log");
  ASSERT_EQ(::mkfifo(h.folder.Path("b.log").c_str(), 0600), 0);
  const auto collected = h.Tick(t + minutes(1));
  ASSERT_TRUE(collected);
  EXPECT_DOUBLE_EQ(Requests(*collected), 1);
  EXPECT_FALSE(collected->partial) << "nobody misses what was never there";
  ASSERT_EQ(collected->notes.size(), 1u);
  EXPECT_THAT(collected->notes[0], HasSubstr("b.log is not a regular file"));
}

TEST(NginxUnreadable, SaysThatThereAreTooManyLogsAndRotatedOnesDoNotCount) {
  NginxHarness h(seconds(60), "logs: ['DIR/*log*']");
  for (int i = 0; i < 257; ++i) {
    const std::string name = "a" + std::to_string(i) + ".log";
    h.folder.Append("", name);
    h.folder.Append("", name + ".1");
  }
  const auto collected = h.Tick(h.clock.Now() + minutes(1));
  ASSERT_TRUE(collected);
  EXPECT_THAT(collected->notes, ElementsAre(HasSubstr("not read: 1 logs beyond the first 256")));
}

TEST(NginxUnreadable, IsPartialForTenMinutesWhenALogCanBeReadNoMore) {
  NginxHarness h(seconds(60), "logs: ['DIR/*.log']");
  const Time t = h.clock.Now();
  h.folder.Append("", "a.log");
  h.folder.Append(AccessLine(t + seconds(1)), "b.log");
  Result<Collected> collected = h.Tick(t + minutes(1));
  EXPECT_FALSE(collected->partial);
  h.folder.Rename("b.log", "b.log.1");
  ASSERT_EQ(::mkfifo(h.folder.Path("b.log").c_str(), 0600), 0);
  for (int minute = 2; minute <= 14; ++minute) {
    if (minute == 4) h.Start(*collected->checkpoint);  // whose first look is at 4:05
    collected = h.Tick(t + minutes(minute));
    ASSERT_TRUE(collected);
    EXPECT_EQ(collected->partial, minute < 14) << minute;
    EXPECT_THAT(collected->notes, ElementsAre(HasSubstr("b.log is not a regular file")));
  }
  std::filesystem::remove(h.folder.Path("b.log"));
  h.folder.Append(AccessLine(t + minutes(14)), "b.log");
  collected = h.Tick(t + minutes(15));
  EXPECT_DOUBLE_EQ(Requests(*collected), 1);
  EXPECT_FALSE(collected->partial);
  EXPECT_THAT(collected->notes, IsEmpty());
}

TEST(NginxUnreadable, IsDownWhenTheOldFileIsAllThatCanBeReadForTenMinutes) {
  NginxHarness h;
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1)));
  ASSERT_TRUE(h.Tick(t + minutes(1)));
  h.folder.Rename("access.log", "access.log.1");
  ASSERT_EQ(::mkfifo(h.folder.Path().c_str(), 0600), 0);
  for (int minute = 2; minute <= 12; ++minute) {
    EXPECT_EQ(h.Tick(t + minutes(minute)).has_value(), minute < 12) << minute;
  }
}

TEST(NginxUnreadable, PassesOverAFolderThatAPatternMatches) {
  NginxHarness h(seconds(60), "logs: ['DIR/*']");
  const Time t = h.clock.Now();
  h.folder.Append(AccessLine(t + seconds(1)));
  std::filesystem::create_directory(h.folder.Path("old"));
  const auto collected = h.Tick(t + minutes(1));
  ASSERT_TRUE(collected);
  EXPECT_FALSE(collected->partial);
  EXPECT_THAT(collected->notes, IsEmpty());
}

TEST(NginxUnreadable, IsUpWhenOnlyTheFirstOfTwoLogsMayNotBeRead) {
  NginxHarness h(seconds(60), "logs: ['DIR/*.log']");
  const Time t = h.clock.Now();
  h.folder.Append("", "a.log");
  h.folder.Append(AccessLine(t + seconds(1)), "b.log");
  ::chmod(h.folder.Path("a.log").c_str(), 0);
  ::chmod(h.folder.Path("").c_str(), 0755);
  const uid_t me = ::geteuid();
  ASSERT_TRUE(me != 0 || ::seteuid(65534) == 0);
  const auto collected = h.Tick(t + minutes(1));
  ASSERT_TRUE(me != 0 || ::seteuid(0) == 0);
  ASSERT_TRUE(collected) << collected.error().message;
  EXPECT_DOUBLE_EQ(Requests(*collected), 1);
  EXPECT_FALSE(collected->partial);
  EXPECT_THAT(collected->notes, ElementsAre(HasSubstr("sudo setfacl -m u:")));
}

TEST(NginxUnreadable, SaysWhatCuresAnUnreadableLog) {
  for (const bool folder_too : {false, true}) {
    for (const char* logs : {"logs: [DIR/access.log]", "logs: ['DIR/*.log']"}) {
      NginxHarness h(seconds(60), logs);
      const Time t = h.clock.Now();
      h.folder.Append(AccessLine(t + seconds(1)));
      ::chmod((folder_too ? h.folder.Path("") : h.folder.Path()).c_str(), 0);
      const uid_t me = ::geteuid();
      ASSERT_TRUE(me != 0 || ::seteuid(65534) == 0);
      const auto collected = h.Tick(t + minutes(1));
      ASSERT_TRUE(me != 0 || ::seteuid(0) == 0);
      ::chmod(h.folder.Path("").c_str(), 0700);
      ASSERT_FALSE(collected) << logs << folder_too;
      EXPECT_EQ(collected.error().kind, ErrorKind::kUnauthorized);
      EXPECT_THAT(collected.error().message, HasSubstr("sudo setfacl -m u:"));
    }
  }
}

}  // namespace
}  // namespace aiops
