#include "collect/nginx/hyper_log_log.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "text/base64.h"

namespace aiops {
namespace {

// The largest rank: all bits behind the register's number are zero.
int MaxRank(int precision) { return 64 - precision + 1; }

// Ertl 2017, equations 15 and 17: both series end when another term changes nothing.
double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double sum = x;
  for (double before = -1, y = 1; sum != before;) {
    x *= x;
    before = sum;
    sum += x * y;
    y += y;
  }
  return sum;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double sum = 1 - x;
  for (double before = -1, y = 1; sum != before;) {
    x = std::sqrt(x);
    before = sum;
    y *= 0.5;
    sum -= (1 - x) * (1 - x) * y;
  }
  return sum / 3;
}

}  // namespace

HyperLogLog::HyperLogLog(int precision)
    : precision_(std::clamp(precision, kMinPrecision, kMaxPrecision)),
      registers_(size_t{1} << precision_) {}

bool HyperLogLog::Insert(std::uint64_t hash) {
  std::uint8_t& held = registers_[hash >> (64 - precision_)];
  const std::uint64_t rest = (hash << precision_) | (std::uint64_t{1} << (precision_ - 1));
  const auto rank = static_cast<std::uint8_t>(std::countl_zero(rest) + 1);
  if (rank <= held) return false;
  held = rank;
  return true;
}

void HyperLogLog::Merge(const HyperLogLog& other) {
  if (other.precision_ > precision_) {
    HyperLogLog folded = other;
    while (folded.precision_ > precision_) folded.Fold();
    Merge(folded);
    return;
  }
  while (precision_ > other.precision_) Fold();
  for (size_t i = 0; i < registers_.size(); ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

// The last bit of a register's number becomes the first of those whose zeros are counted.
void HyperLogLog::Fold() {
  if (precision_ == kMinPrecision) return;
  std::vector<std::uint8_t> folded(registers_.size() / 2);
  for (size_t i = 0; i < folded.size(); ++i) {
    const std::uint8_t zero = registers_[2 * i];
    const std::uint8_t from_zero =
        zero == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(zero + 1);
    const std::uint8_t from_one = registers_[2 * i + 1] == 0 ? 0 : 1;
    folded[i] = std::max(from_zero, from_one);
  }
  registers_ = std::move(folded);
  --precision_;
}

double HyperLogLog::Estimate() const {
  std::array<double, 65> with_rank{};
  for (const auto rank : registers_) ++with_rank[rank];
  const auto m = static_cast<double>(registers_.size());
  const auto top = static_cast<size_t>(MaxRank(precision_));
  double z = m * Tau(1 - with_rank[top] / m);
  for (size_t rank = top - 1; rank >= 1; --rank) z = 0.5 * (z + with_rank[rank]);
  z += m * Sigma(with_rank[0] / m);
  return m * m / (2 * std::numbers::ln2 * z);
}

std::string HyperLogLog::Encode() const {
  std::string out;
  out.reserve(registers_.size() + 1);
  out.push_back(ToBase64Digit(static_cast<unsigned>(precision_)));
  for (const auto rank : registers_) out.push_back(ToBase64Digit(rank));
  return out;
}

std::optional<HyperLogLog> HyperLogLog::Decode(std::string_view text) {
  const int precision = text.empty() ? -1 : FromBase64Digit(text[0]);
  if (precision < kMinPrecision || precision > kMaxPrecision) return std::nullopt;
  if (text.size() != (size_t{1} << precision) + 1) return std::nullopt;
  HyperLogLog out(precision);
  for (size_t i = 0; i < out.registers_.size(); ++i) {
    const int rank = FromBase64Digit(text[i + 1]);
    if (rank < 0 || rank > MaxRank(precision)) return std::nullopt;
    out.registers_[i] = static_cast<std::uint8_t>(rank);
  }
  return out;
}

}  // namespace aiops
