// EngineHarness: an engine on a store in memory, driven tick by tick; Restart() makes a new engine
// on the same store.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline_testing.h"

namespace aiops {

class EngineHarness : public ::testing::Test {
 protected:
  EngineHarness() { Restart(); }

  void Restart(Time silent_until = {}) {
    EngineOptions options;
    options.silent_until = silent_until;
    options.collectors = {{"first", {"container_down", "disk_full"}}, {"second", {"disk_full"}}};
    engine_ = std::make_unique<Engine>(config_, *store_, std::move(options),
                                       [this](std::vector<Anomaly> told) { told_ = told; });
    engine_->Restore(MinuteTick(minute_).end);
  }

  // One tick of both collectors, without its round.
  void Tick(Result<Collected> first, Result<Collected> second = Collected{}) {
    const auto tick = MinuteTick(++minute_);
    engine_->OnTick(tick, {{0, tick, std::move(first), {}}, {1, tick, std::move(second), {}}});
  }
  RoundReport Round() { return engine_->Round(MinuteTick(minute_).end); }
  RoundReport Step(const std::vector<double>& values) {
    Tick(Readings(values));
    return Round();
  }
  void Quiet(int ticks) {
    for (int i = 0; i < ticks; ++i) Step(QuietValues(minute_));
  }
  // Stored beside the engine, as the history is: the minutes before the first tick.
  void Remember(int samples) {
    Changes changes;
    for (int i = 0; i < samples; ++i)
      changes.samples.push_back(
          {kWeb, kStart - minutes(i), SchemaHash(config_.scopes[0]), kBackfill, QuietValues(i)});
    ASSERT_TRUE(store_->Commit(changes));
  }

  View Shown() const {
    View view;
    engine_->Fill(view);
    return view;
  }
  std::vector<Anomaly> Stored() const {
    auto anomalies = store_->ReadAnomalies({});
    EXPECT_TRUE(anomalies) << anomalies.error().message;
    return anomalies ? *anomalies : std::vector<Anomaly>();
  }
  std::vector<Sample> StoredSamples() const {
    auto samples = store_->ReadSamples({.key = kWeb, .until = FromUnixMillis(INT64_MAX)});
    EXPECT_TRUE(samples) << samples.error().message;
    return samples ? *samples : std::vector<Sample>();
  }

  ManualClock clock_{kStart};
  Config config_ = SmallConfig();
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
  std::unique_ptr<Engine> engine_;
  std::vector<Anomaly> told_;
  int minute_ = 0;
};

}  // namespace aiops
