// The features of hand-made requests against what the sorted values say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "collect/nginx/log_checkpoint.h"
#include "collect/nginx/log_fields.h"
#include "collect/nginx/log_readings.h"
#include "fakes/config_text.h"

namespace aiops {
namespace {

constexpr Time kNow = FromUnixMillis(1'700'000'040'000);
constexpr std::uint32_t kFields = Bit(EntryField::kRemoteAddr) | Bit(EntryField::kBytesSent);

std::vector<WantedFeature> All() {
  std::vector<WantedFeature> wanted;
  for (const auto name : kLogFeatures) {
    wanted.push_back({{0, static_cast<unsigned>(wanted.size())}, std::string(name), {}});
  }
  return wanted;
}

std::map<std::string, double> Values(const LogBins& bins, std::uint32_t fields = kFields) {
  std::map<std::string, double> out;
  for (const auto& reading :
       LogReadings(All(), false).Of(bins, {}, fields, kNow, kNow + minutes(1))) {
    out[std::string(kLogFeatures[reading.feature.feature])] = reading.value;
  }
  return out;
}

double Exact(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

class NginxReadings : public ::testing::Test {
 protected:
  void Add(Duration after, double request, double upstream, std::uint64_t bytes_in) {
    LogEntry entry;
    entry.time = kNow + after;
    entry.status = 200;
    entry.client = "a";
    entry.request_seconds = request;
    entry.upstream_seconds = upstream;
    entry.bytes_in = bytes_in;
    bins_.Add(entry, 1, kNow);
  }

  LogBins bins_{minutes(1)};
};

TEST_F(NginxReadings, TellTimesAndBytesIn) {
  std::mt19937 random(1);
  std::lognormal_distribution<double> times(-2, 1.5);
  std::vector<double> request, upstream;
  std::uint64_t bytes = 0;
  for (int i = 0; i < 5000; ++i) {
    request.push_back(std::round(times(random) * 1000) / 1000);
    // Not every request asks an upstream server.
    const double asked = i % 3 == 0 ? NAN : request.back() * 0.9;
    if (i % 3 != 0) upstream.push_back(asked);
    bytes += static_cast<std::uint64_t>(i);
    Add(milliseconds(i * 12), request.back(), asked, static_cast<std::uint64_t>(i));
  }
  auto values = Values(bins_);
  EXPECT_NEAR(values["request_time_p50"], Exact(request, 0.5), 0.0101 * Exact(request, 0.5));
  EXPECT_NEAR(values["request_time_p95"], Exact(request, 0.95), 0.0101 * Exact(request, 0.95));
  EXPECT_NEAR(values["upstream_time_p95"], Exact(upstream, 0.95), 0.0101 * Exact(upstream, 0.95));
  EXPECT_DOUBLE_EQ(values["bytes_in_rate"], static_cast<double>(bytes) / 60);
}

TEST_F(NginxReadings, LeaveOutWhatTheLogDoesNotHave) {
  Add(seconds(1), NAN, NAN, 0);
  EXPECT_THAT(Values(bins_),
              ::testing::UnorderedElementsAre(
                  ::testing::Pair("request_rate", 1.0 / 60), ::testing::Pair("error_rate_4xx", 0),
                  ::testing::Pair("error_rate_5xx", 0), ::testing::Pair("unique_ips_per_min", 1),
                  ::testing::Pair("avg_response_size", 0)));
  EXPECT_EQ(Values(bins_, Bit(EntryField::kStatus)).size(), 3u);
}

TEST_F(NginxReadings, LeaveOutTimesOfNoRequests) {
  EXPECT_THAT(Values(bins_),
              ::testing::UnorderedElementsAre(::testing::Pair("request_rate", 0),
                                              ::testing::Pair("unique_ips_per_min", 0)));
}

TEST_F(NginxReadings, SurviveACheckpointExactly) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> exponent(-4, 3);
  for (int i = 0; i < 3000; ++i) {
    Add(milliseconds(random() % 60'000), std::pow(10, exponent(random)),
        std::pow(10, exponent(random)), random() % 5000);
  }
  const auto text = Serialize({}, bins_.slots().begin(), bins_.slots().end());
  auto parsed = ParseLogCheckpoint(text);
  ASSERT_TRUE(parsed);
  LogBins restored(minutes(1));
  for (auto& [end, slot] : parsed->slots) ASSERT_TRUE(restored.PutSlot(end, std::move(slot)));
  EXPECT_EQ(Values(restored), Values(bins_));
  EXPECT_EQ(Values(bins_).size(), 9u);
  EXPECT_LE(restored.sketch_bytes(), bins_.sketch_bytes());
}

TEST(NginxReadingsOptions, ReportFeaturesThatThereAreNot) {
  TestConfig config("collect: {nginx: {logs: [x]}}");
  auto wanted = All();
  ReportUnknownFeatures(config.At("collect.nginx"), wanted);
  EXPECT_EQ(config.Problems().find("logs have no feature"), std::string::npos);
  wanted.push_back({{0, 9}, "request_time_p59", {}});
  ReportUnknownFeatures(config.At("collect.nginx"), wanted);
  EXPECT_THAT(config.Problems(),
              ::testing::HasSubstr("logs have no feature 'request_time_p59', only request_rate, "));
}

}  // namespace
}  // namespace aiops
