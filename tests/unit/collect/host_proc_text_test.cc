#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/host/proc_text.h"

namespace aiops::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(HostProcText, TakesIdleTicksOfEveryProcessorButNotTheSum) {
  EXPECT_THAT(
      ParseCpuIdle("cpu  9 9 9 999 9\ncpu0 1 2 3 400 5 6 7 8 9 0\ncpu1 1 2 3 500 5\nintr 7\n"),
      ElementsAre(Pair("cpu0", 400), Pair("cpu1", 500)));
}

TEST(HostProcText, SkipsProcessorsThatAreCutOrNonsense) {
  EXPECT_THAT(ParseCpuIdle("cpu0 1 2 3\ncpu1 1 2 3 -4 5\ncpu2 1 2 3 99999999999999999999 5\n"
                           "cpu3 1 2 3 4x 5\ncpu4 1 2 3 44 5\ncpu5 1 2 3 5"),
              ElementsAre(Pair("cpu4", 44)));
}

TEST(HostProcText, TakesBusyTimeOfWholeDisks) {
  EXPECT_THAT(ParseDiskBusy("   8  0 sda 1 2 3 4 5 6 7 8 9 1234 11\n"
                            "   8  1 sda1 1 2 3 4 5 6 7 8 9 77 11\n"
                            " 259  0 nvme0n1 1 2 3 4 5 6 7 8 9 55 11 12 13 14 15 16 17\n"
                            "   7  0 loop0 1 2 3 4 5 6 7 8 9 66 11\n"
                            "   8 16 sdb 1 2 3\n"),
              ElementsAre(Pair("nvme0n1", 55), Pair("sda", 1234)));
}

TEST(HostProcText, KnowsWholeDisksAsNodeExporterDoes) {
  for (const auto name : {"sda", "vda", "xvda", "nvme0n1", "nvme10n2", "mmcblk0", "mmcblk0p1",
                          "dm-0", "md127", "sr0", "nbd0", "sdaa1", "nvme0c0n1"})
    EXPECT_TRUE(IsWholeDisk(name)) << name;
  for (const auto name : {"sda1", "hdb2", "vda15", "xvda1", "nvme0n1p1", "nvme0n1p12", "loop7",
                          "ram0", "zram0", "fd0"})
    EXPECT_FALSE(IsWholeDisk(name)) << name;
}

TEST(HostProcText, TakesBytesOfEveryNetworkDevice) {
  const auto bytes = ParseNetworkBytes(
      "Inter-|   Receive  |  Transmit\n"
      " face |bytes packets errs drop fifo frame compressed multicast|bytes packets\n"
      "  eth0: 100 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0\n"
      "  old0:300 1 0 0 0 0 0 0 400 1 0 0 0 0 0 0\n"
      "  bad0: 1 2 3\n"
      "  huge: 99999999999999999999 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0\n");
  EXPECT_THAT(bytes.received, ElementsAre(Pair("eth0", 100), Pair("old0", 300)));
  EXPECT_THAT(bytes.transmitted, ElementsAre(Pair("eth0", 200), Pair("old0", 400)));
}

TEST(HostProcText, UsedMemoryIsWhatIsNotAvailable) {
  EXPECT_DOUBLE_EQ(*ParseMemoryPercent("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 250 kB\n"),
                   75.0);
}

TEST(HostProcText, MemoryIsUnknownWhenAPartIsAbsentOrImpossible) {
  EXPECT_FALSE(ParseMemoryPercent("MemTotal: 1000 kB\n"));
  EXPECT_FALSE(ParseMemoryPercent("MemTotal: 0 kB\nMemAvailable: 0 kB\n"));
  EXPECT_FALSE(ParseMemoryPercent("MemTotal: 10 kB\nMemAvailable: 11 kB\n"));
  EXPECT_FALSE(ParseMemoryPercent("MemTotal: lots kB\nMemAvailable: 11 kB\n"));
}

TEST(HostProcText, AFileThatIsNotThereIsNotFoundAndNamed) {
  const auto text = ReadProcFile("/nonexistent/stat");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(text.error().message, testing::HasSubstr("/nonexistent/stat"));
}

TEST(HostProcText, AFileWithoutEndIsRefused) {
  EXPECT_FALSE(ReadProcFile("/dev/zero", 1 << 16));
  EXPECT_TRUE(ReadProcFile("/dev/null", 1 << 16));
}

}  // namespace
}  // namespace aiops::host
