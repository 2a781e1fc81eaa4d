#include "detectors/run_budget.h"

#include <cmath>

namespace aiops {

// A clock that was set back forgets nothing.
double RunBudget::Debt(Time now, const RunRule& rule) const {
  return debt_ * std::exp(-std::max(0.0, Seconds(now - since_) / Seconds(rule.memory)));
}

double RunBudget::Bar(Time now, const RunRule& rule) const {
  return quiet_ <= kPause ? rule.least : rule.least + Debt(now, rule);
}

void RunBudget::Learn(Time now, double v, const RunRule& rule) {
  const bool alert = v > Bar(now, rule);
  debt_ = Debt(now, rule) + (alert && quiet_ > kPause ? rule.cost : 0);
  since_ = now;
  quiet_ = alert ? std::uint16_t{0} : std::min<std::uint16_t>(quiet_ + 1, kPause + 1);
}

void RunBudget::Save(BlobWriter& out) const {
  out.F64(debt_);
  out.U64(static_cast<std::uint64_t>(UnixMillis(since_)));
  out.U16(quiet_);
}

Result<void> RunBudget::Load(BlobReader& in) {
  constexpr double kMostDebt = 1e6;
  constexpr std::int64_t kMostMillis = std::int64_t{1} << 60;  // differences of two are in range
  debt_ = in.F64();
  const auto since = static_cast<std::int64_t>(in.U64());
  quiet_ = in.U16();
  if (!in.ok() || !(debt_ >= 0 && debt_ <= kMostDebt) || quiet_ > kPause + 1 ||
      since > kMostMillis || since < -kMostMillis)
    return Corruption("an impossible budget of alerts");
  since_ = FromUnixMillis(since);
  return {};
}

}  // namespace aiops
