#include <gtest/gtest.h>

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

  LogBins bins_{minutes(1), 3};
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
  EXPECT_EQ(Add(kNow + seconds(3), 4), Placement::kCapped);
  bins_.CloseThrough(kNow + minutes(1));
  const Time back = kNow - hours(1);
  EXPECT_EQ(Add(back, 1, back), Placement::kLate);
  bins_.Reopen(back);
  EXPECT_EQ(SlotEnds(), std::vector<std::int64_t>{});
  EXPECT_EQ(Add(back, 1, back), Placement::kCounted);
  EXPECT_EQ(SlotEnds(), std::vector<std::int64_t>{-3599}) << "a fine slot";
}

}  // namespace
}  // namespace aiops
