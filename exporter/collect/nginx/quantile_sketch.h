// QuantileSketch: quantiles of positive numbers to 1 %, mergeable, in bounded memory.
//
// DDSketch (Masson, Rim & Lee 2019): bucket i counts the values in (g^(i-1), g^i] with
// g = (1 + a) / (1 - a), and stands for the value in its middle, which is within the share a of
// all of them. Where the paper collapses the lowest buckets when there are too many, the range is
// fixed here: below kLowest everything is one bucket that stands for 0, above kHighest everything
// is kHighest. That is some 1,000 buckets at most, and only those that are not empty are kept.
// When memory is short, pairs of neighbours become one (UDDSketch: Epicoco, Melle, Cafaro, Pulimeno
// & Morleo 2020): a becomes about twice a.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aiops {

// Not thread-safe.
class QuantileSketch {
 public:
  static constexpr double kAccuracy = 0.01;  // a, before any Coarsen
  static constexpr double kLowest = 1e-4;
  static constexpr double kHighest = 1e5;

  // NaN and negative values are left out.
  void Add(double value);
  // What one sketch would be that had seen both; the coarser of the two sets the accuracy.
  void Merge(const QuantileSketch& other);

  // The value of rank floor(q * (count - 1)), to accuracy(); kMissing if there is none. q is from
  // 0 to 1.
  double Quantile(double q) const;
  std::uint64_t count() const;
  double accuracy() const;

  size_t bytes() const { return buckets_.capacity() * sizeof(Bucket); }  // on the heap
  // Halves the number of buckets that there may be. False at the coarsest: 17 of them.
  bool Coarsen();

  // Numbers with commas: level, zeros, then index and count of each bucket. Empty: "".
  std::string Encode() const;
  static std::optional<QuantileSketch> Decode(std::string_view text);

 private:
  struct Bucket {
    std::int32_t index;
    std::uint32_t count;  // saturates
  };
  void Count(std::int32_t index, std::uint32_t n);
  void CoarsenTo(int level);

  int level_ = 0;                // how often pairs were joined
  std::uint32_t zeros_ = 0;      // values below kLowest
  std::vector<Bucket> buckets_;  // by index
};

}  // namespace aiops
