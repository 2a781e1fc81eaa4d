#include <gtest/gtest.h>

#include "collect/host/rates.h"

namespace aiops::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

CounterReading At(std::chrono::steady_clock::duration at) {
  CounterReading reading;
  reading.at = std::chrono::steady_clock::time_point(at);
  return reading;
}

TEST(HostRates, CpuIsWhatIsNotIdleAveragedOverProcessors) {
  auto before = At(seconds(0)), after = At(seconds(10));
  before.cpu_idle_ticks = {{"cpu0", 100}, {"cpu1", 500}};
  after.cpu_idle_ticks = {{"cpu0", 1100}, {"cpu1", 1000}};  // 10 s and 5 s idle of 10 s
  EXPECT_DOUBLE_EQ(ComputeRates(before, after).cpu_percent, 25.0);
}

TEST(HostRates, IdleThatStepsBackALittleIsABusyProcessor) {
  auto before = At(seconds(0)), after = At(seconds(10));
  before.cpu_idle_ticks = {{"cpu0", 1000}};
  after.cpu_idle_ticks = {{"cpu0", 998}};
  EXPECT_DOUBLE_EQ(ComputeRates(before, after).cpu_percent, 100.0);
}

TEST(HostRates, DiskIsTheBusiestOne) {
  auto before = At(seconds(0)), after = At(seconds(10));
  before.disk_busy_ms = {{"sda", 1000}, {"sdb", 0}};
  after.disk_busy_ms = {{"sda", 2000}, {"sdb", 7500}};
  const auto rates = ComputeRates(before, after);
  EXPECT_DOUBLE_EQ(rates.disk_io, 75.0);
  EXPECT_EQ(rates.busiest_disk, "sdb");
}

TEST(HostRates, NetworkIsTheSumOverDevicesThatBothReadingsHave) {
  auto before = At(seconds(0)), after = At(seconds(10));
  before.network.received = {{"eth0", 1000}, {"gone0", 5}};
  after.network.received = {{"eth0", 3000}, {"eth1", 999999}};
  before.network.transmitted = {{"eth0", 0}, {"eth1", 0}};
  after.network.transmitted = {{"eth0", 100}, {"eth1", 200}};
  const auto rates = ComputeRates(before, after);
  EXPECT_DOUBLE_EQ(rates.network_rx, 200.0);
  EXPECT_DOUBLE_EQ(rates.network_tx, 30.0);
}

TEST(HostRates, ACounterThatWentBackwardsMakesOnlyItsNumberMissing) {
  auto before = At(seconds(0)), after = At(seconds(10));
  before.cpu_idle_ticks = {{"cpu0", 100000}};
  after.cpu_idle_ticks = {{"cpu0", 50}};
  before.disk_busy_ms = {{"sda", 4294967000}};
  after.disk_busy_ms = {{"sda", 12}};
  before.network.received = {{"eth0", 10}, {"eth1", 10}};
  after.network.received = {{"eth0", 20}, {"eth1", 9}};
  before.network.transmitted = {{"eth0", 10}};
  after.network.transmitted = {{"eth0", 20}};
  const auto rates = ComputeRates(before, after);
  EXPECT_TRUE(IsMissing(rates.cpu_percent));
  EXPECT_TRUE(IsMissing(rates.disk_io));
  EXPECT_TRUE(IsMissing(rates.network_rx));
  EXPECT_DOUBLE_EQ(rates.network_tx, 1.0);
}

TEST(HostRates, PercentStaysBetweenZeroAndAHundred) {
  auto before = At(seconds(0)), after = At(seconds(1));
  before.cpu_idle_ticks = {{"cpu0", 0}};
  after.cpu_idle_ticks = {{"cpu0", UINT64_MAX}};
  before.disk_busy_ms = {{"sda", 0}};
  after.disk_busy_ms = {{"sda", UINT64_MAX}};
  const auto rates = ComputeRates(before, after);
  EXPECT_DOUBLE_EQ(rates.cpu_percent, 0.0);
  EXPECT_DOUBLE_EQ(rates.disk_io, 100.0);
}

TEST(HostRates, ReadingsTooCloseTogetherSayNothing) {
  auto before = At(seconds(5)), after = At(seconds(5) + milliseconds(100));
  before.cpu_idle_ticks = after.cpu_idle_ticks = {{"cpu0", 1}};
  EXPECT_TRUE(IsMissing(ComputeRates(before, after).cpu_percent));
  EXPECT_TRUE(IsMissing(ComputeRates(after, before).cpu_percent));
}

TEST(HostRates, NothingToCompareIsMissing) {
  const auto rates = ComputeRates(At(seconds(0)), At(seconds(60)));
  EXPECT_TRUE(IsMissing(rates.cpu_percent));
  EXPECT_TRUE(IsMissing(rates.disk_io));
  EXPECT_TRUE(IsMissing(rates.network_rx));
  EXPECT_TRUE(IsMissing(rates.network_tx));
}

}  // namespace
}  // namespace aiops::host
