#include "pipeline/training_run.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace aiops {
namespace {

constexpr size_t kAtOnce = 16;            // entities whose samples are in memory
constexpr size_t kDrawnFrom = 256;        // entities that a shared forest is fitted on, at most
constexpr size_t kDrawnRows = 100 * 256;  // of all of them: trees need not see the same rows

}  // namespace

TrainingRun::TrainingRun(Engine& engine, const Clock& clock, Time now, std::uint64_t seed,
                         std::string why)
    : engine_(engine),
      clock_(clock),
      now_(now),
      random_(seed),
      why_(std::move(why)),
      left_(engine.Trainable()) {
  std::reverse(left_.begin(), left_.end());
  ReadNext(left_);
  empty_ = sets_.empty();
  PlanSharing();
}

// What was read is read again then: it was to be trained with the forest that comes first.
void TrainingRun::PlanSharing() {
  const auto scopes = engine_.ScopesThatShare();
  if (empty_ || scopes.empty()) return;
  for (auto set = sets_.rbegin(); set != sets_.rend(); ++set) left_.push_back(set->key);
  sets_.clear();
  for (const Scope* scope : scopes) {
    std::vector<EntityKey> members;
    for (const EntityKey& key : left_)
      if (key.scope == scope->name) members.push_back(key);
    const size_t from = std::min(members.size(), kDrawnFrom);
    if (from == 0) continue;
    Sharing sharing;
    sharing.scope = scope;
    sharing.rows_each = (kDrawnRows + from - 1) / from;
    for (size_t i = 0; i < from; ++i) sharing.left.push_back(members[i * members.size() / from]);
    sharing_.push_back(std::move(sharing));
  }
}

void TrainingRun::ReadNext(std::vector<EntityKey>& left) {
  while (sets_.empty() && !left.empty()) {
    const size_t count = std::min(kAtOnce, left.size());
    const std::vector<EntityKey> next(left.rbegin(),
                                      left.rbegin() + static_cast<std::ptrdiff_t>(count));
    left.resize(left.size() - count);
    sets_ = engine_.TrainingSets(now_, next, &best_);
  }
}

bool TrainingRun::Read() {
  ReadNext(sharing_.empty() ? left_ : sharing_.back().left);
  // When all was drawn, the forest is still to be fitted.
  return !sets_.empty() || !sharing_.empty();
}

void TrainingRun::Work(const std::stop_token& stop) {
  if (sharing_.empty())
    FitEach(stop);
  else if (sets_.empty())
    FitForest(sharing_.back());
  else
    Draw(sharing_.back(), stop);
}

void TrainingRun::Draw(Sharing& sharing, const std::stop_token& stop) {
  for (const auto& set : sets_) {
    if (stop.stop_requested()) return;
    const TrainingRows& rows = set.rows;
    sharing.options = rows.options;
    const auto drawn =
        DrawResiduals({rows.values.data(), rows.size(), rows.options.features.size()}, rows.moments,
                      rows.options, sharing.rows_each, random_);
    // Where it cannot be drawn from, a fit fails as well, and says why.
    if (drawn) sharing.residuals.insert(sharing.residuals.end(), drawn->begin(), drawn->end());
  }
}

void TrainingRun::FitForest(Sharing& sharing) {
  if (!sharing.options) {
    sharing.fitted = InvalidArgument("nobody has samples enough");
    return;
  }
  const size_t width = kResidualsAMetric * sharing.options->features.size();
  sharing.fitted = SharedForest::Fit(
      {sharing.residuals.data(), sharing.residuals.size() / width, width}, sharing.options->forest);
}

void TrainingRun::FitEach(const std::stop_token& stop) {
  for (auto& set : sets_) {
    if (stop.stop_requested()) return;
    const auto begun = clock_.Steady();
    trained_.push_back(Engine::Fit(std::move(set)));
    trained_.back().record.why = why_;
    trained_.back().duration = std::chrono::duration_cast<Duration>(clock_.Steady() - begun);
  }
}

void TrainingRun::Adopt(Time now, const std::function<void(const Trained&)>& each) {
  sets_.clear();
  if (!sharing_.empty() && sharing_.back().fitted) {
    Sharing& done = sharing_.back();
    if (*done.fitted)
      engine_.AdoptForest(*done.scope, *std::move(*done.fitted), now);
    else
      LogWarn("no forest that entities share; each grows its own",
              {{"scope", done.scope->name}, {"err", done.fitted->error().message}});
    sharing_.pop_back();
  }
  for (Trained& trained : std::exchange(trained_, {})) {
    if (each) each(trained);
    engine_.Adopt(std::move(trained), now);
  }
}

}  // namespace aiops
