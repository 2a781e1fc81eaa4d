#include "detectors/gate_history.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

#include "detectors/tail.h"

namespace aiops {
namespace {

using Counts = std::array<std::uint64_t, GateHistory::kBins>;

// The value below which `rank` of the counted ones lie, linear within its bin.
double ValueAt(const Counts& counts, double rank) {
  double below = 0;
  for (size_t bin = 0; bin < counts.size(); ++bin) {
    const auto here = static_cast<double>(counts[bin]);
    if (here > 0 && below + here >= rank)
      return GateHistory::kBin * (static_cast<double>(bin) + (rank - below) / here);
    below += here;
  }
  return GateHistory::kBin * static_cast<double>(counts.size());
}

}  // namespace

void GateHistory::Add(double value) {
  const double bin = std::clamp(value / kBin, 0.0, static_cast<double>(kBins - 1));
  auto& count = days_[today_][static_cast<size_t>(bin)];
  if (count < std::numeric_limits<std::uint16_t>::max()) ++count;
}

void GateHistory::NextDay() {
  today_ = static_cast<std::uint8_t>((today_ + 1) % kDays);
  days_[today_] = {};
}

double GateHistory::Threshold(double k) const {
  Counts counts{};
  for (const auto& day : days_)
    for (size_t bin = 0; bin < kBins; ++bin) counts[bin] += day[bin];
  const auto total =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
  if (total <= 0) return 0;
  const double from = ValueAt(counts, kTailFrom * total);
  const auto excess = [&](double share) {
    return ValueAt(counts, (kTailFrom + share * (1 - kTailFrom)) * total) - from;
  };
  return Tail{from, excess(0.5), excess(2.0 / 3)}.At(k);
}

void GateHistory::Save(BlobWriter& out) const {
  out.U16(today_);
  for (const auto& day : days_)
    for (const std::uint16_t count : day) out.U16(count);
}

Result<void> GateHistory::Load(BlobReader& in) {
  const std::uint16_t today = in.U16();
  for (auto& day : days_)
    for (std::uint16_t& count : day) count = in.U16();
  if (!in.ok() || today >= kDays) return Corruption("an impossible history of a gate");
  today_ = static_cast<std::uint8_t>(today);
  return {};
}

}  // namespace aiops
