// A log collector on a folder of its own, at a time that the test sets.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "collect/collector.h"
#include "fakes/config_text.h"
#include "fakes/fake_http_client.h"
#include "fakes/manual_clock.h"
#include "unit/collect/nginx_test_log.h"

namespace aiops {

extern const CollectorDescriptor kNginxLogCollector;

// By expression.
using Values = std::map<std::string, double>;

class NginxHarness {
 public:
  explicit NginxHarness(Duration interval = seconds(60), std::string options = "") {
    context_interval_ = interval;
    options_ = std::move(options);
    Start();
  }

  // A new process: what was not committed is gone.
  void Start(const std::optional<std::string>& checkpoint = std::nullopt) {
    std::string yaml = "collect:\n  nginx:\n";
    if (options_.find("logs:") == std::string::npos) {
      yaml += "    logs: ['" + folder.Path() + "']\n";
    }
    // Without a guess there is no note of one.
    if (options_.find("format:") == std::string::npos) yaml += "    format: combined\n";
    for (size_t at = 0; at < options_.size();) {
      const size_t end = std::min(options_.find('\n', at), options_.size());
      yaml += "    " + options_.substr(at, end - at) + "\n";
      at = end + 1;
    }
    for (size_t at; (at = yaml.find("DIR")) != std::string::npos;) {
      yaml.replace(at, 4, folder.Path(""));
    }
    TestConfig config(yaml);
    std::vector<WantedFeature> wanted;
    for (const auto& name : kNames)
      wanted.push_back({{0, static_cast<unsigned>(wanted.size())}, name, entity_labels});
    collector = kNginxLogCollector.make(config.At("collect.nginx"),
                                        {clock, http_, context_interval_, std::move(wanted), {}});
    problems = config.Problems();
    ASSERT_NE(collector, nullptr);
    if (checkpoint) {
      ASSERT_TRUE(collector->Restore(*checkpoint));
    }
  }

  // The tick whose interval ends at `end`, after its grace.
  Result<Collected> Tick(Time end) {
    if (clock.Now() < end + seconds(5)) clock.Set(end + seconds(5));
    return collector->Collect({end - context_interval_, end, clock.Now() + seconds(5)}, {});
  }

  // Reads what is there.
  void Read() { collector->Advance(clock.Now(), {}); }

  static Values ByName(const std::vector<Reading>& readings) {
    Values out;
    for (const auto& reading : readings) out[kNames[reading.feature.feature]] = reading.value;
    return out;
  }

  static inline const std::vector<std::string> kNames{"request_rate", "error_rate_4xx",
                                                      "error_rate_5xx", "unique_ips_per_min",
                                                      "avg_response_size"};
  std::vector<std::string> entity_labels;  // of all features, from the next Start
  TestLogFolder folder;
  FakeHttpClient::Handler engine;                        // for containers
  ManualClock clock{FromUnixMillis(1'700'000'040'000)};  // a full minute
  std::unique_ptr<Collector> collector;
  std::string problems;

 private:
  FakeHttpClient http_{[this](const auto& endpoint, const auto& request) -> Result<HttpResponse> {
    if (engine) return engine(endpoint, request);
    return Unavailable("nobody is asked");
  }};
  Duration context_interval_{};
  std::string options_;
};

inline double Counter(const Collected& collected, const std::string& name,
                      const std::string& label = "") {
  return collected.counters.at({name, label});
}

inline double Requests(const Collected& collected, double interval_s = 60) {
  return NginxHarness::ByName(collected.readings).at("request_rate") * interval_s;
}

}  // namespace aiops
