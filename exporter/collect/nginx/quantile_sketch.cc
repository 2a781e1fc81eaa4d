#include "collect/nginx/quantile_sketch.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "model/sample.h"

namespace aiops {
namespace {

constexpr int kMaxLevel = 6;
constexpr double kGamma = (1 + QuantileSketch::kAccuracy) / (1 - QuantileSketch::kAccuracy);
const double kLogGamma = std::log(kGamma);

std::int32_t IndexOf(double value) {
  return static_cast<std::int32_t>(std::ceil(std::log(value) / kLogGamma));
}

// Of the bucket that takes `index` in when pairs were joined `times` times: its quotient, rounded
// up.
std::int32_t Joined(std::int32_t index, int times) { return -((-index) >> times); }

std::uint32_t Sum(std::uint32_t a, std::uint32_t b) {
  return a > std::numeric_limits<std::uint32_t>::max() - b
             ? std::numeric_limits<std::uint32_t>::max()
             : a + b;
}

// The number in front of the next comma, which is removed with it.
template <class T>
bool TakeNumber(std::string_view& text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (text.empty()) return true;
  if (text.front() != ',' || text.size() == 1) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

void QuantileSketch::Count(std::int32_t index, std::uint32_t n) {
  const auto at = std::lower_bound(buckets_.begin(), buckets_.end(), index,
                                   [](const Bucket& b, std::int32_t i) { return b.index < i; });
  if (at != buckets_.end() && at->index == index) {
    at->count = Sum(at->count, n);
  } else {
    buckets_.insert(at, {index, n});
  }
}

void QuantileSketch::Add(double value) {
  if (!(value >= 0)) return;
  if (value < kLowest) {
    zeros_ = Sum(zeros_, 1);
  } else {
    Count(Joined(IndexOf(std::min(value, kHighest)), level_), 1);
  }
}

void QuantileSketch::Merge(const QuantileSketch& other) {
  CoarsenTo(other.level_);
  zeros_ = Sum(zeros_, other.zeros_);
  for (const auto& bucket : other.buckets_) {
    Count(Joined(bucket.index, level_ - other.level_), bucket.count);
  }
}

void QuantileSketch::CoarsenTo(int level) {
  if (level <= level_) return;
  std::vector<Bucket> joined;
  for (const auto& bucket : buckets_) {
    const std::int32_t index = Joined(bucket.index, level - level_);
    if (!joined.empty() && joined.back().index == index) {
      joined.back().count = Sum(joined.back().count, bucket.count);
    } else {
      joined.push_back({index, bucket.count});
    }
  }
  joined.shrink_to_fit();
  buckets_ = std::move(joined);
  level_ = level;
}

bool QuantileSketch::Coarsen() {
  if (level_ == kMaxLevel) return false;
  CoarsenTo(level_ + 1);
  return true;
}

std::uint64_t QuantileSketch::count() const {
  std::uint64_t n = zeros_;
  for (const auto& bucket : buckets_) n += bucket.count;
  return n;
}

double QuantileSketch::accuracy() const {
  const double gamma = std::pow(kGamma, 1 << level_);
  return (gamma - 1) / (gamma + 1);
}

double QuantileSketch::Quantile(double q) const {
  const std::uint64_t n = count();
  if (n == 0) return kMissing;
  const double rank = std::floor(q * static_cast<double>(n - 1));
  auto below = static_cast<double>(zeros_);
  if (below > rank) return 0;
  const double gamma = std::pow(kGamma, 1 << level_);
  for (const auto& bucket : buckets_) {
    below += bucket.count;
    if (below > rank) return 2 * std::pow(gamma, bucket.index) / (gamma + 1);
  }
  return kMissing;  // not reached: the counts sum up to n
}

std::string QuantileSketch::Encode() const {
  if (zeros_ == 0 && buckets_.empty()) return "";
  std::string out = std::to_string(level_) + "," + std::to_string(zeros_);
  for (const auto& bucket : buckets_) {
    out += "," + std::to_string(bucket.index) + "," + std::to_string(bucket.count);
  }
  return out;
}

std::optional<QuantileSketch> QuantileSketch::Decode(std::string_view text) {
  QuantileSketch out;
  if (text.empty()) return out;
  if (!TakeNumber(text, out.level_) || !TakeNumber(text, out.zeros_)) return std::nullopt;
  if (out.level_ < 0 || out.level_ > kMaxLevel) return std::nullopt;
  std::int32_t next = Joined(IndexOf(kLowest), out.level_);
  const std::int32_t last = Joined(IndexOf(kHighest), out.level_);
  while (!text.empty()) {
    Bucket bucket{};
    if (!TakeNumber(text, bucket.index) || text.empty() || !TakeNumber(text, bucket.count))
      return std::nullopt;
    if (bucket.index < next || bucket.index > last || bucket.count == 0) return std::nullopt;
    out.buckets_.push_back(bucket);
    next = bucket.index + 1;
  }
  out.buckets_.shrink_to_fit();
  return out;
}

}  // namespace aiops
