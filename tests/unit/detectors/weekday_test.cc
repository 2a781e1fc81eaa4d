// A metric that rests on Sundays: what its memories make of the fifth one.
#include <gtest/gtest.h>

#include <vector>

#include "detectors/metric_streams.h"
#include "detectors/random.h"

namespace aiops {
namespace {

constexpr Duration kWeek = hours(7 * 24);
constexpr Duration kSundayNoon = hours(6 * 24 + 12);

// One metric, five minutes apart: about 100, on Sundays about 60.
class RestingMetric {
 public:
  explicit RestingMetric(bool weekdays) {
    CalibratedOptions options;
    options.interval = minutes(5);
    options.without.set(static_cast<size_t>(Part::kWeekday), !weekdays);
    std::vector<double> rows;
    for (size_t i = 0; i < 2016; ++i) rows.push_back(Value(minutes(5 * static_cast<int>(i))));
    rules_[0].units = StandardUnits::Of(rows, 1e-6);
    streams_ = MetricStreams({rows.data(), rows.size(), 1}, Memories::For(options), rules_);
  }

  void Live(Duration from, Duration until) {
    for (Duration at = from; at < until; at += minutes(5)) {
      const double x = Value(at);
      streams_.Learn({&x, 1}, at, rules_, true);
    }
  }
  const MetricStreams& streams() const { return streams_; }
  const std::vector<MetricRule>& rules() const { return rules_; }
  double Season(Duration at, double x) const { return streams_.Look({&x, 1}, at, rules_).season; }

 private:
  double Value(Duration at) {
    const bool sunday = at % kWeek >= hours(6 * 24);
    return (sunday ? 60 : 100) + 4 * random_.Uniform();
  }

  Xoshiro256pp random_{7};
  std::vector<MetricRule> rules_{1};
  MetricStreams streams_;
};

TEST(Weekday, ASundayOfRestIsUsualOnceTwoWereSeen) {
  RestingMetric knows(true);
  RestingMetric does_not(false);
  for (RestingMetric* each : {&knows, &does_not}) each->Live({}, 4 * kWeek + kSundayNoon);
  EXPECT_LT(knows.Season(kSundayNoon, 62), 0.6 * does_not.Season(kSundayNoon, 62));
  // And one that is like the other days is not.
  EXPECT_GT(knows.Season(kSundayNoon, 102), does_not.Season(kSundayNoon, 102));
}

TEST(Weekday, SurvivesASnapshot) {
  RestingMetric metric(true);
  metric.Live({}, 3 * kWeek + kSundayNoon);
  BlobWriter out(1);
  metric.streams().Save(out);
  const std::string blob = out.Finish();
  auto in = BlobReader::Open(blob, 1, "streams");
  ASSERT_TRUE(in);
  const auto loaded = MetricStreams::Load(*in, 1, Memories::For({}));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(in->left(), 0u);
  const double x = 61;
  EXPECT_EQ(loaded->Look({&x, 1}, kSundayNoon, metric.rules()).season,
            metric.Season(kSundayNoon, x));
}

}  // namespace
}  // namespace aiops
