#include <algorithm>

#include "detectors/wrapped_detector.h"

namespace aiops {
namespace {

class PersistentDetector final : public WrappedDetector {
 public:
  PersistentDetector(std::unique_ptr<Detector> inner, int samples)
      : WrappedDetector(std::move(inner)), samples_(samples) {}

  Score Judge(std::span<const double> x, const Moment& at) const override {
    Score score = inner_->Judge(x, at);
    if (score.verdict != Verdict::kWarning || run_ + 1 >= samples_) return score;
    score.verdict = Verdict::kLogOnly;
    score.gate = Gate::kPersistence;
    return score;
  }

  void Learn(std::span<const double> x, const Moment& at, const Score& score,
             std::uint32_t flags) override {
    const bool alert = score.verdict >= Verdict::kWarning || score.gate == Gate::kPersistence;
    run_ = alert ? std::min(run_ + 1, samples_) : 0;
    inner_->Learn(x, at, score, flags);
  }

 private:
  const int samples_;
  int run_ = 0;  // samples in alert until now
};

}  // namespace

std::unique_ptr<Detector> MakePersistent(std::unique_ptr<Detector> inner, int samples) {
  return std::make_unique<PersistentDetector>(std::move(inner), samples);
}

}  // namespace aiops
