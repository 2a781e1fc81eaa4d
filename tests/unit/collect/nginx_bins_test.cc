#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "collect/nginx/log_bins.h"

namespace aiops {
namespace {

constexpr Time kNow = FromUnixMillis(1'700'000'040'000);  // a full minute

class NginxBins : public ::testing::Test {
 protected:
  Placement Add(Time t, std::uint64_t client = 1, Time now = kNow) {
    LogEntry entry;
    entry.time = t;
    entry.client = "known";
    entry.status = 200;
    return bins_.Add(entry, client, now);
  }
  std::vector<std::int64_t> SlotEnds() const {
    std::vector<std::int64_t> ends;
    for (const auto& [end, _] : bins_.slots()) ends.push_back((end - UnixMillis(kNow)) / 1000);
    return ends;
  }

  LogBins bins_{minutes(1)};
};

TEST_F(NginxBins, HoldsAStampInTheSlotThatItBegins) {
  Add(kNow);
  Add(kNow - milliseconds(1));
  EXPECT_EQ(SlotEnds(), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(bins_.Counts(kNow - minutes(1), kNow).requests, 1u);
  EXPECT_EQ(bins_.Counts(kNow, kNow + minutes(1)).requests, 1u);
  bins_.CloseThrough(kNow);
  EXPECT_EQ(Add(kNow - milliseconds(1)), Placement::kLate);
  EXPECT_EQ(Add(kNow), Placement::kCounted);
}

TEST_F(NginxBins, KeepsCoarseSlotsApartFromFineOnes) {
  const Time fine_from = kNow - minutes(4);
  Add(kNow);
  Add(fine_from);
  Add(fine_from - seconds(1));
  EXPECT_EQ(SlotEnds(), (std::vector<std::int64_t>{-240, -239, 1}));
  Add(fine_from - seconds(59));
  EXPECT_EQ(SlotEnds().size(), 3u) << "of the same minute";
}

TEST_F(NginxBins, CountsClientsOfExactlyAMinute) {
  Add(kNow - minutes(1) - milliseconds(1), 1);
  Add(kNow - minutes(1), 2);
  Add(kNow, 3);
  EXPECT_EQ(bins_.Clients(kNow), 1u);
  EXPECT_EQ(bins_.Clients(kNow + seconds(1)), 1u);
  EXPECT_EQ(bins_.Clients(kNow - seconds(1)), 2u);
}

TEST_F(NginxBins, ForgetsWhatAClockThatWasSetBackHadCounted) {
  Add(kNow, 1);
  Add(kNow + seconds(1), 2);
  Add(kNow + seconds(2), 3);
  bins_.CloseThrough(kNow + minutes(1));
  const Time back = kNow - hours(1);
  EXPECT_EQ(Add(back, 1, back), Placement::kLate);
  bins_.Reopen(back);
  EXPECT_EQ(SlotEnds(), std::vector<std::int64_t>{});
  EXPECT_EQ(Add(back, 1, back), Placement::kCounted);
  EXPECT_EQ(SlotEnds(), std::vector<std::int64_t>{-3599}) << "a fine slot";
}

// A week's worth of requests from clients that nobody had seen before, shuffled.
TEST_F(NginxBins, HoldNoMoreThanTheirBoundsWhateverStrangersSend) {
  constexpr size_t kBytes = size_t{256} << 10;
  LogBins bins(minutes(1), {.tallies = 500, .sketch_bytes = kBytes});
  std::mt19937_64 random(1);
  LogEntry entry;
  entry.client = "spoofed";
  entry.status = 200;
  constexpr int kLines = 400'000;
  constexpr int kMinutes = 400;
  std::vector<int> truth(kMinutes);
  for (int i = 0; i < kLines; ++i) {
    const auto minute = static_cast<size_t>(random() % kMinutes);
    entry.time = kNow - minutes(minute + 1);
    entry.request_seconds = static_cast<double>(random() % 60'000) / 1000;
    ASSERT_EQ(bins.Add(entry, random(), kNow), Placement::kCounted);
    ASSERT_LE(bins.sketch_bytes(), kBytes);
    ++truth[minute];
  }
  EXPECT_GT(bins.coarsened(), 0u);
  EXPECT_EQ(bins.given_up(), 0u);
  for (int minute = 0; minute < kMinutes; ++minute) {
    const Time end = kNow - minutes(minute);
    const auto counts = bins.Counts(end - minutes(1), end);
    EXPECT_EQ(counts.requests, static_cast<std::uint64_t>(truth[static_cast<size_t>(minute)]));
    // 256 bytes are left to each: precision 8, a standard error of 6.5 %.
    EXPECT_NEAR(static_cast<double>(bins.Clients(end)), static_cast<double>(counts.requests),
                0.3 * static_cast<double>(counts.requests));
    EXPECT_EQ(bins.Times(end - minutes(1), end).request.count(), counts.requests);
  }
  bins.CloseThrough(kNow);
  EXPECT_LE(bins.sketch_bytes(), 512u) << "only the clients of the last minute are left";
}

TEST_F(NginxBins, GiveUpTheOldestBeyondTheBoundOnTallies) {
  LogBins bins(minutes(1), {.tallies = 10, .sketch_bytes = 1 << 20});
  LogEntry entry;
  entry.status = 200;
  for (int i = 0; i < 12; ++i) {
    entry.time = kNow - minutes(30) + minutes(i);
    EXPECT_EQ(bins.Add(entry, 0, kNow), Placement::kCounted);
  }
  EXPECT_EQ(bins.slots().size(), 10u);
  EXPECT_EQ(bins.given_up(), 2u);
  EXPECT_EQ(bins.closed(), kNow - minutes(28)) << "what was given up will not be told";
  entry.time = kNow - minutes(30);
  EXPECT_EQ(bins.Add(entry, 0, kNow), Placement::kLate);
}

TEST_F(NginxBins, GiveUpSitesBeforeTheyGiveUpTheWhole) {
  LogBins bins(minutes(1), {.tallies = 13, .sketch_bytes = 1 << 20});
  LogEntry entry;
  entry.status = 200;
  for (int i = 0; i < 4; ++i) {
    for (SiteId site = 1; site <= 3; ++site) {
      entry.time = kNow + seconds(i);
      ASSERT_EQ(bins.Add(entry, 0, kNow), Placement::kCounted);
      bins.AddToSite(site, entry, 0);
    }
  }
  EXPECT_EQ(bins.sites_from(), kNow + seconds(1));
  EXPECT_EQ(bins.closed(), std::nullopt);
  EXPECT_EQ(bins.given_up(), 3u);
  EXPECT_EQ(bins.Counts(kNow, kNow + seconds(4)).requests, 12u);
  EXPECT_EQ(bins.Counts(kNow + seconds(1), kNow + seconds(4), SiteId{2}).requests, 3u);
  entry.time = kNow;
  bins.Add(entry, 0, kNow);
  bins.AddToSite(1, entry, 0);
  EXPECT_EQ(bins.Counts(kNow, kNow + seconds(1), SiteId{1}).requests, 0u) << "stays given up";
}

TEST_F(NginxBins, CountSitesBesideTheWhole) {
  LogEntry entry;
  entry.client = "known";
  entry.status = 503;
  entry.bytes_in = 100;
  entry.time = kNow;
  for (std::uint64_t client = 1; client <= 6; ++client) {
    entry.request_seconds = static_cast<double>(client);
    bins_.Add(entry, client, kNow);
    if (client <= 4) bins_.AddToSite(static_cast<SiteId>(client % 2), entry, client);
  }
  const Time end = kNow + minutes(1);
  EXPECT_EQ(bins_.Counts(kNow, end).requests, 6u);
  EXPECT_EQ(bins_.Counts(kNow, end).bytes_in, 600u);
  for (const SiteId site : {SiteId{0}, SiteId{1}}) {
    EXPECT_EQ(bins_.Counts(kNow, end, site).errors_5xx, 2u);
    EXPECT_EQ(bins_.Clients(end, site), 2u);
    EXPECT_EQ(bins_.Times(kNow, end, site).request.count(), 2u);
  }
  EXPECT_EQ(bins_.Counts(kNow, end, SiteId{7}).requests, 0u);
  bins_.CloseThrough(end);
  EXPECT_EQ(bins_.Counts(kNow, end, SiteId{1}).requests, 0u);
  EXPECT_EQ(bins_.Clients(end, SiteId{1}), 2u) << "clients stay for a minute more";
}

}  // namespace
}  // namespace aiops
