// TrainingRun: one training of all entities, a few at a time, so that the samples of a fleet are
// never in memory together.
//
//   while (run.Read()) { run.Work(stop); run.Adopt(now); }
//
// Read and Adopt belong to the thread that owns the engine. Work does not touch the engine and may
// run on another one, between the two. Scopes that share a forest come first: it is fitted on
// residuals that are drawn evenly from their entities.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "detectors/random.h"
#include "detectors/shared_forest.h"
#include "pipeline/engine.h"

namespace aiops {

// Why somebody has fewer samples than were stored.
inline constexpr char kNotCounted[] =
    "; those of windows, mutes and incidents marked as real, and incomplete ones, do not count";

class TrainingRun {
 public:
  // References outlive it. Reads until it has found somebody to train. `why` is recorded.
  TrainingRun(Engine& engine, const Clock& clock, Time now, std::uint64_t seed, std::string why);

  // Nobody has samples enough.
  bool empty() const { return empty_; }
  // The most usable samples that one has of the entities that were looked at.
  size_t best() const { return best_; }

  // Reads the next few samples. False: all is done.
  bool Read();
  // Draws from them, or fits. Ends soon after a stop; the run is over then.
  void Work(const std::stop_token& stop);
  // Takes over what Work made. `each` hears of every entity, also of one whose training failed.
  void Adopt(Time now, const std::function<void(const Trained&)>& each = {});

 private:
  // A forest that is to be fitted for a scope.
  struct Sharing {
    const Scope* scope = nullptr;
    std::vector<EntityKey> left;  // to be drawn from, last first
    size_t rows_each = 0;
    std::vector<double> residuals;
    std::optional<DetectorOptions> options;
    std::optional<Result<std::shared_ptr<const SharedForest>>> fitted;
  };

  void PlanSharing();
  void ReadNext(std::vector<EntityKey>& left);
  void Draw(Sharing& sharing, const std::stop_token& stop);
  static void FitForest(Sharing& sharing);
  void FitEach(const std::stop_token& stop);

  Engine& engine_;
  const Clock& clock_;
  const Time now_;
  Xoshiro256pp random_;
  const std::string why_;
  bool empty_ = true;
  size_t best_ = 0;
  std::vector<EntityKey> left_;   // to be trained, last first
  std::vector<Sharing> sharing_;  // the last one is worked on
  std::vector<Engine::TrainingSet> sets_;
  std::vector<Trained> trained_;
};

}  // namespace aiops
