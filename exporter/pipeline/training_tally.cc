#include "pipeline/training_tally.h"

#include <algorithm>

#include "pipeline/judge.h"
#include "text/human_number.h"

namespace aiops {

void TrainingTally::Add(const Trained& trained, const ModelRecord* before) {
  const ModelRecord& record = trained.record;
  if (!trained.detector) {
    NotTaken& of = not_taken_[record.state];
    if (of.count++ == 0) {
      of.first = record.key.entity;
      of.reason = record.reason;
    }
    return;
  }
  fewest_ = trained_ == 0 ? record.rows : std::min(fewest_, record.rows);
  most_ = std::max(most_, record.rows);
  ++trained_;
  std::string shorter = before ? ShorterThan(*before, record) : "";
  if (shorter.empty() || shorter_++ > 0) return;
  shorter_first_ = record.key.entity;
  shorter_reason_ = std::move(shorter);
}

std::string TrainingTally::Text() const {
  size_t all = trained_;
  for (const auto& [state, of] : not_taken_) all += of.count;
  const std::string samples =
      (fewest_ == most_ ? "" : std::to_string(fewest_) + " to ") + CountText(most_, "sample");
  const auto whose = [&](const std::string& first, const std::string& reason) {
    return all == 1 ? reason : first + ": " + reason;
  };
  std::string out;
  if (trained_ > 0)
    out = (all == 1 ? "trained on " : std::to_string(trained_) + " trained, on ") + samples;
  if (shorter_ > 0)
    out += " (" + (all == 1 ? "" : std::to_string(shorter_) + " on a shorter time; ") +
           whose(shorter_first_, shorter_reason_) + ")";
  for (const auto& [state, of] : not_taken_) {
    const std::string what(ToString(state));
    out += (out.empty() ? "" : ", ") + (all == 1 ? what + ": " + of.reason
                                                 : std::to_string(of.count) + " " + what + " (" +
                                                       whose(of.first, of.reason) + ")");
  }
  return out;
}

}  // namespace aiops
