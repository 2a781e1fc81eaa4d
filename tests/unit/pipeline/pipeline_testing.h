// What the pipeline's tests share: a configuration of one small scope, ticks, answers, an engine
// on a store in memory.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "fakes/config_text.h"
#include "fakes/manual_clock.h"
#include "pipeline/engine.h"

namespace aiops {

inline const Time kStart = FromUnixMillis(1'700'000'040'000);  // a whole minute
inline const EntityKey kWeb{"web", "nas"};

inline constexpr const char* kSmallConfig = R"(
collect: {interval: 1m, deadline: 10s, entity: nas}
detect:
  mode: plain
  interval: 1m
  warmup_samples: 5
  close_after: 3
  isolation_forest: {n_estimators: 20, min_samples: 30}
scopes:
  web:
    features:
      errors: {source: host, expr: errors, direction: up}
      latency: {source: host, expr: latency, direction: up}
      requests: {source: host, expr: requests}
)";

inline Config SmallConfig(const std::string& yaml = kSmallConfig) {
  TestConfig source(yaml);
  Config config = ReadConfig(source.document(), "nas");
  EXPECT_EQ(source.Problems(), "");
  return config;
}

inline std::unique_ptr<Store> MemoryStore(Clock& clock) {
  auto store = Store::Open({.path = ":memory:"}, clock);
  AIOPS_CHECK(store.has_value());
  return *std::move(store);
}

inline Tick MinuteTick(int minute) {
  const Time end = kStart + minutes(minute);
  return {end - minutes(1), end, end + seconds(10)};
}

inline Fact FactOf(const std::string& name, const std::string& object,
                   Severity severity = Severity::kWarning) {
  Fact fact;
  fact.name = name;
  fact.object = object;
  fact.severity = severity;
  fact.summary = object + ": " + name;
  return fact;
}

inline Collected Readings(std::vector<double> values, Labels labels = {}) {
  Collected out;
  for (std::uint32_t f = 0; f < values.size(); ++f)
    out.readings.push_back({{0, f}, labels, values[f]});
  return out;
}

// Quiet traffic that breathes a little, the same in every run.
inline std::vector<double> QuietValues(int minute) {
  const double wave = (minute * 7 % 5) - 2.0;
  return {2 + 0.2 * wave, 100 + 3 * wave, 50 - wave};
}

// Two features go up at once.
inline std::vector<double> BurstValues() { return {400, 4000, 51}; }

// Of all entities at once.
inline std::vector<Engine::TrainingSet> AllTrainingSets(Engine& engine, Time now, size_t* best) {
  *best = 0;
  return engine.TrainingSets(now, engine.Trainable(), best);
}

}  // namespace aiops
