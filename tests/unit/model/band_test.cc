#include "model/band.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aiops {
namespace {

struct Case {
  const char* source;
  const char* expr;
  const char* unit;
  double value, expected;
  double lower, upper;  // of the band, afterwards; before, it is expected - 500 to expected + 500
};

class ClampedBand : public testing::TestWithParam<Case> {};

TEST_P(ClampedBand, EndsWhereTheFeatureEnds) {
  const Case& c = GetParam();
  Scope scope;
  scope.features.resize(1);
  scope.features[0].source = c.source;
  scope.features[0].expr = c.expr;
  scope.features[0].unit = c.unit;
  Score score;
  score.features.resize(1);
  FeatureScore& f = score.features[0];
  f.value = c.value;
  f.expected = c.expected;
  f.lower = c.expected - 500;
  f.upper = c.expected + 500;
  ClampBands(scope, score);
  EXPECT_EQ(f.lower, c.lower);
  EXPECT_EQ(f.upper, c.upper);
  EXPECT_EQ(f.expected, c.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Model, ClampedBand,
    testing::Values(Case{"host", "cpu_percent", "%", 40, 20, 0, 100},
                    Case{"prometheus", "100 * (1 - x)", "%", 40, 20, 0, 100},
                    Case{"nginx_log", "error_rate_5xx", "", 0.5, 0, 0, 1},
                    Case{"nginx_log", "request_rate", "requests/s", 4, 2, 0, 502},
                    Case{"docker", "container_count_unhealthy", "", 1, 0, 0, 500},
                    Case{"prometheus", "rate(x[1m])", "B/s", kMissing, 10, 0, 510},
                    // What a PromQL expression without a telling unit can be, nobody knows.
                    Case{"prometheus", "temperature", "", 4, 2, -498, 502},
                    Case{"prometheus", "temperature", "°C", 4, 2, -498, 502},
                    // Four processors, each up to 100 %; a derivative that falls.
                    Case{"prometheus", "cpu", "%", 130, 90, -410, 590},
                    Case{"prometheus", "cpu", "%", 90, 130, -370, 630},
                    Case{"prometheus", "deriv(x[1m])", "B/s", -3, 1, -499, 501}));

TEST(Band, WithoutOneStaysWithoutOne) {
  Scope scope;
  scope.features.resize(1);
  scope.features[0].unit = "%";
  Score score;
  score.features.resize(1);
  ClampBands(scope, score);
  EXPECT_TRUE(IsMissing(score.features[0].lower) && IsMissing(score.features[0].upper));
}

TEST(Band, ItsEndsAreInside) {
  EXPECT_FALSE(IsOutside(0, 0, 5));
  EXPECT_FALSE(IsOutside(5, 0, 5));
  EXPECT_TRUE(IsOutside(5.1, 0, 5));
  EXPECT_TRUE(IsOutside(-0.1, 0, 5));
  EXPECT_FALSE(IsOutside(kMissing, 0, 5));
  EXPECT_FALSE(IsOutside(9, kMissing, kMissing));
}

TEST(Band, OnlyWhatIsNotWithinItsBandDeviates) {
  const std::vector<Contribution> all{{"inside", "%", 3, 2, 1, 4, 0.4},
                                      {"above", "%", 30, 2, 1, 4, 0.3},
                                      {"bandless", "", 7, kMissing, kMissing, kMissing, 0.2},
                                      {"below", "%", 0.5, 2, 1, 4, 0.1}};
  const auto names = [](const std::vector<Contribution>& found) {
    std::vector<std::string> out;
    for (const auto& c : found) out.push_back(c.feature);
    return out;
  };
  EXPECT_THAT(names(Deviating(all, 9)), testing::ElementsAre("above", "bandless", "below"));
  EXPECT_THAT(names(Deviating(all, 1)), testing::ElementsAre("above"));
}

TEST(Band, ACombinationNamesItsValues) {
  EXPECT_EQ(CombinationText({{"a", "%", 3, 2, 1, 4, 0.4}, {"b", "", 7, 7, 6, 8, 0.3}}, 1),
            "an unusual combination of values that are usual each by itself: a 3 %");
  EXPECT_EQ(CombinationText({}, 3), "an unusual combination of values");
  EXPECT_EQ(CombinationText({{"a", "%", 100, 2, 1, 104, 0.8}, {"b", "", 7, 7, 6, 8, 0.2}}, 3),
            "a 100 %, far from what is usual at this hour, though its band has followed it");
}

TEST(Remark, SaysHowAValueOutsideItsBandCounts) {
  FeatureScore f;
  f.lower = 5;
  f.upper = 14;
  f.value = 10;
  EXPECT_EQ(RemarkOn(f), "");
  f.value = 17;
  EXPECT_EQ(RemarkOn(f), "outside, but all in all still usual");
  f.gate = Gate::kMinDeviation;
  EXPECT_EQ(RemarkOn(f), "outside, but by less than counts");
  f.gate = Gate::kMinCount;
  EXPECT_EQ(RemarkOn(f), "not judged: too few events");
  f.anomalous = true;
  EXPECT_EQ(RemarkOn(f), "unusual");
  EXPECT_EQ(RemarkOn({}), "");
  for (const Gate gate : {Gate::kMaintenance, Gate::kRunBudget}) EXPECT_EQ(HeldBack(gate), "");
}

TEST(Band, ReadsAsFarAsItIsKnown) {
  EXPECT_EQ(BandText(20, 40, "%"), "20 % to 40 %");
  EXPECT_EQ(BandText(kMissing, 40, "%"), "up to 40 %");
  EXPECT_EQ(BandText(20, kMissing, "%"), "at least 20 %");
  EXPECT_EQ(BandText(kMissing, kMissing, "%"), "");
}

}  // namespace
}  // namespace aiops
