// What many entities cost one process: the daemon's own engine on a database in a file, eleven
// features an entity, every entity with a trained model.
//
//   bench_fleet [ENTITIES [TICKS_A_ROUND]]
//
// prints a table of docs/performance.md. CPU seconds of this process, whose only thread this is.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "detectors/random.h"
#include "fakes/config_text.h"
#include "fakes/manual_clock.h"
#include "pipeline/engine.h"
#include "pipeline/training_run.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

const Time kStart = FromUnixMillis(1'700'000'100'000);  // a whole round
constexpr size_t kFeatures = 11;
constexpr int kLearned = 120;  // ticks before the training

double CpuSeconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// A line of /proc/self/status, in MiB.
double StatusMib(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name + ":")) return std::atof(line.c_str() + name.size() + 1) / 1024;
  return 0;
}

template <class Body>
double Cpu(Body body) {
  const double begun = CpuSeconds();
  body();
  return CpuSeconds() - begun;
}

void Print(const std::string& what, double value, const char* unit) {
  std::printf(value < 100 ? "| %s | %.2g %s |\n" : "| %s | %.0f %s |\n", what.c_str(), value, unit);
  std::fflush(stdout);
}

Config FleetConfig(int ticks_a_round) {
  std::string yaml = "collect: {interval: 1m, deadline: 10s, entity: fleet}\n";
  yaml += "detect: {interval: " + std::to_string(ticks_a_round) +
          "m, isolation_forest: {min_samples: 100}}\n";
  yaml += "scopes: {pod: {entity_labels: [instance], features: {";
  for (size_t f = 0; f < kFeatures; ++f)
    yaml += "f" + std::to_string(f) + ": {source: host, expr: f" + std::to_string(f) + "}, ";
  TestConfig source(yaml + "}}}");
  Config config = ReadConfig(source.document(), "fleet");
  if (const auto problems = source.Problems(); !problems.empty())
    std::fprintf(stderr, "%s", problems.c_str());
  return config;
}

class Fleet {
 public:
  Fleet(size_t entities, int ticks_a_round)
      : entities_(entities), config_(FleetConfig(ticks_a_round)) {
    for (size_t e = 0; e < entities; ++e)
      labels_.push_back({{"az", std::string(1, static_cast<char>('a' + e % 3))},
                         {"instance", "10.0." + std::to_string(e / 256) + "." +
                                          std::to_string(e % 256) + ":9100"}});
    Open();
  }

  // Returns the CPU seconds of what the engine did of it.
  double Tick() {
    const Time end = kStart + minutes(++minute_);
    const aiops::Tick tick{end - minutes(1), end, end + seconds(10)};
    std::vector<Answer> answers;
    answers.push_back({0, tick, Readings(), {}});
    return Cpu([&] { engine_->OnTick(tick, std::move(answers)); });
  }
  double Ticks(int count) {
    double cpu = 0;
    for (int i = 0; i < count; ++i) cpu += Tick();
    return cpu / count;
  }
  double Round() {
    return Cpu([&] { judged_ = engine_->Round(Now()).judged.size(); });
  }
  double Train() {
    return Cpu([&] {
      TrainingRun run(*engine_, clock_, Now(), 1, "bench");
      while (run.Read()) {
        run.Work({});
        run.Adopt(Now());
      }
    });
  }
  double Show() {
    return Cpu([&] {
      auto view = std::make_shared<View>();
      engine_->Fill(*view);
      view_ = std::move(view);
    });
  }
  double Restart() {
    engine_.reset();
    store_.reset();
    return Cpu([&] { Open(); });
  }

  double SaveStates() {
    return Cpu([&] { engine_->SaveStates(); });
  }
  // What came in one tick is deleted: of all that is older than an hour and a half, the share.
  double Expire() {
    store_->SetRetention(minutes(90), hours(24));
    const auto before = health().sample_rows;
    const double cpu = Cpu([&] {
      while (engine_->Housekeep(Now()) == "deleting what has expired") continue;
    });
    return cpu * static_cast<double>(entities_) /
           static_cast<double>(std::max<std::int64_t>(1, before - health().sample_rows));
  }

  size_t judged() const { return judged_; }
  StoreHealth health() const { return store_->health(); }

 private:
  Time Now() const { return kStart + minutes(minute_); }

  void Open() {
    auto store = Store::Open({.path = folder_.path() + "/fleet.db"}, clock_);
    AIOPS_CHECK(store.has_value());
    store_ = *std::move(store);
    engine_ = std::make_unique<Engine>(config_, *store_, EngineOptions{Time{}, {{"host", {}}}},
                                       [](const std::vector<Anomaly>&) {});
    engine_->Restore(Now());
  }

  // A daily wave and noise, at a level of each entity's own.
  Collected Readings() {
    Collected out;
    out.readings.reserve(entities_ * kFeatures);
    const double wave = std::sin(minute_ / 1440.0 * 6.283);
    for (size_t e = 0; e < entities_; ++e) {
      const double level = 10 + static_cast<double>(e % 97);
      for (std::uint32_t f = 0; f < kFeatures; ++f) {
        const double noise = random_.Uniform() + random_.Uniform() + random_.Uniform();
        out.readings.push_back({{0, f}, labels_[e], level + 3 * wave + noise});
      }
    }
    return out;
  }

  const size_t entities_;
  const Config config_;
  const TestFolder folder_;
  ManualClock clock_{kStart};
  Xoshiro256pp random_{1};
  std::vector<Labels> labels_;
  int minute_ = 0;
  size_t judged_ = 0;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Engine> engine_;
  std::shared_ptr<const View> view_;  // as the daemon keeps one
};

// Ticks and rounds; returns by how much the database grew for each sample.
double Learn(Fleet& fleet, int ticks, int ticks_a_round, size_t entities) {
  const auto before = fleet.health().database_bytes;
  for (int i = 0; i < ticks / ticks_a_round; ++i) {
    fleet.Ticks(ticks_a_round);
    fleet.Round();
  }
  return static_cast<double>(fleet.health().database_bytes - before) /
         (static_cast<double>(entities) * ticks);
}

void Run(size_t entities, int ticks_a_round) {
  Fleet fleet(entities, ticks_a_round);
  const auto each = [&](double cpu) { return cpu / static_cast<double>(entities) * 1000; };
  std::printf("| %zu entities x %zu features, a round every %d ticks | |\n|---|--:|\n", entities,
              kFeatures, ticks_a_round);
  Learn(fleet, kLearned / 2, ticks_a_round, entities);  // and the states
  Print("a sample and its judgement in the database",
        Learn(fleet, kLearned / 2, ticks_a_round, entities), "bytes");
  Print("training, an entity with 120 samples", each(fleet.Train()), "ms CPU");
  for (int i = 0; i < 2; ++i) {
    fleet.Ticks(ticks_a_round);
    fleet.Round();
    fleet.Show();
  }
  Print("a tick: assemble and commit", fleet.Ticks(ticks_a_round), "s CPU");
  Print("a round: from what waits to committed verdicts", fleet.Round(), "s CPU");
  Print("samples judged in it", static_cast<double>(fleet.judged()), "");
  Print("a view for the page and /metrics", fleet.Show(), "s CPU");
  Print("memory (RSS)", StatusMib("VmRSS"), "MiB");
  Print("its peak", StatusMib("VmHWM"), "MiB");
  Print("a start after a kill: states, models, what was judged since", fleet.Restart(), "s CPU");
  fleet.Ticks(ticks_a_round);
  Print("the first round after it", fleet.Round(), "s CPU");
  Print("states that an orderly stop stores", fleet.SaveStates(), "s CPU");
  Print("a start after it", fleet.Restart(), "s CPU");
  Print("what expired, a tick's", fleet.Expire(), "s CPU");
  Print("memory, its peak", StatusMib("VmHWM"), "MiB");
}

}  // namespace
}  // namespace aiops

int main(int argc, char** argv) {
  if (!aiops::SetUpLog("error", "logfmt")) return 2;
  aiops::Run(argc > 1 ? std::stoul(argv[1]) : 10'000, argc > 2 ? std::stoi(argv[2]) : 5);
}
