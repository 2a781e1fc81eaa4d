#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "collect/collector.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"

namespace aiops {

extern const CollectorDescriptor kHostCollector;

namespace {

using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

// A /proc of our own.
class HostCollector : public testing::Test {
 protected:
  void SetUp() override {
    proc_ = fs::temp_directory_path() / ("aiops-host-" + std::to_string(getpid()));
    fs::remove_all(proc_);
    Write("stat", "cpu  1 1 1 1000 1\ncpu0 1 1 1 1000 1\n");
    Write("meminfo", "MemTotal: 1000 kB\nMemAvailable: 400 kB\n");
    Write("diskstats", "8 0 sda 1 2 3 4 5 6 7 8 9 1000 11\n");
    Write("net/dev", "lo: 9 0 0 0 0 0 0 0 9 0\neth0: 1000 0 0 0 0 0 0 0 500 0\n");
    Write("1/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
  }
  void TearDown() override { fs::remove_all(proc_); }

  void Write(const std::string& name, const std::string& text) {
    fs::create_directories((proc_ / name).parent_path());
    std::ofstream(proc_ / name) << text;
  }

  std::unique_ptr<Collector> Make(const std::string& more = "") {
    document_ = std::make_unique<Document>(
        Sources{.file = "aiops.yml",
                .text = "collect:\n  host:\n    procfs: " + proc_.string() + "\n" + more});
    std::vector<WantedFeature> wanted;
    for (const auto expr : {"cpu_percent", "memory_percent", "disk_io", "network_rx", "network_tx"})
      wanted.push_back({{0, static_cast<std::uint32_t>(wanted.size())}, expr, {}});
    auto collector = kHostCollector.make(document_->Root().Child("collect").Child("host"),
                                         {clock_, http_, minutes(1), wanted, {}});
    document_->Finish();
    EXPECT_THAT(document_->problems(), IsEmpty());
    return collector;
  }

  Result<Collected> Collect(Collector& collector) {
    clock_.Advance(seconds(10));
    const auto now = clock_.Now();
    return collector.Collect({now - seconds(10), now, now + seconds(5)}, {});
  }

  static std::map<std::uint32_t, double> Values(const Collected& collected) {
    std::map<std::uint32_t, double> values;
    for (const auto& reading : collected.readings) values[reading.feature.feature] = reading.value;
    return values;
  }

  fs::path proc_;
  ManualClock clock_;
  FakeHttpClient http_{[](const auto&, const auto&) { return Internal("nothing is asked"); }};
  std::unique_ptr<Document> document_;
};

TEST_F(HostCollector, RatesNeedTwoReadings) {
  auto collector = Make();
  const auto first = Collect(*collector);
  ASSERT_TRUE(first);
  EXPECT_THAT(Values(*first), testing::ElementsAre(testing::Pair(1, 60.0)));

  Write("stat", "cpu  1 1 1 1750 1\ncpu0 1 1 1 1750 1\n");
  Write("diskstats", "8 0 sda 1 2 3 4 5 6 7 8 9 3000 11\n");
  Write("net/dev", "lo: 99999 0 0 0 0 0 0 0 9 0\neth0: 3000 0 0 0 0 0 0 0 1500 0\n");
  const auto second = Collect(*collector);
  ASSERT_TRUE(second);
  EXPECT_THAT(Values(*second), testing::ElementsAre(testing::Pair(0, 25.0), testing::Pair(1, 60.0),
                                                    testing::Pair(2, 20.0), testing::Pair(3, 200.0),
                                                    testing::Pair(4, 100.0)));
}

TEST_F(HostCollector, TheFirstTickHasTheRatesSinceTheStart) {
  auto collector = Make();
  collector->Advance(clock_.Now() + seconds(10), {});
  Write("stat", "cpu  1 1 1 1750 1\ncpu0 1 1 1 1750 1\n");
  const auto first = Collect(*collector);
  ASSERT_TRUE(first);
  EXPECT_THAT(Values(*first), testing::Contains(testing::Pair(0, 25.0)));

  Write("stat", "cpu  1 1 1 2250 1\ncpu0 1 1 1 2250 1\n");
  collector->Advance(clock_.Now() + seconds(10), {});
  const auto second = Collect(*collector);
  ASSERT_TRUE(second);
  EXPECT_THAT(Values(*second), testing::Contains(testing::Pair(0, 50.0)));
}

TEST_F(HostCollector, AFileThatIsMissingCostsOnlyItsFeature) {
  auto collector = Make();
  fs::remove(proc_ / "meminfo");
  const auto collected = Collect(*collector);
  ASSERT_TRUE(collected);
  EXPECT_THAT(Values(*collected), IsEmpty());
  ASSERT_EQ(collected->notes.size(), 1u);
  EXPECT_THAT(collected->notes[0], HasSubstr("meminfo"));
}

TEST_F(HostCollector, NoProcAtAllIsAnErrorThatSaysWhatToDo) {
  auto collector = Make();
  fs::remove_all(proc_);
  const auto collected = Collect(*collector);
  ASSERT_FALSE(collected);
  EXPECT_EQ(collected.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(collected.error().message, HasSubstr("collect.host.procfs"));
}

TEST_F(HostCollector, AFactLastsWhileItsSourceCannotBeRead) {
  auto collector = Make();
  Collect(*collector).value();
  Write("1/mountinfo", "1 0 8:1 / / ro - ext4 /dev/sda1 ro\n");
  const auto read_only = Collect(*collector);
  fs::remove(proc_ / "1/mountinfo");
  const auto blind = Collect(*collector);
  for (const auto* collected : {&read_only, &blind}) {
    ASSERT_TRUE(*collected);
    EXPECT_THAT((*collected)->facts,
                testing::Contains(testing::Field(&Fact::name, "filesystem_readonly")));
  }
}

TEST_F(HostCollector, IsOffWhenToldSo) { EXPECT_FALSE(Make("    enabled: false\n")); }

}  // namespace
}  // namespace aiops
