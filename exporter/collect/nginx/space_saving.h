// SpaceSaving: the most frequent keys of a stream, in a bounded number of counters.
//
// Metwally, Agrawal & El Abbadi 2005. A key without a counter takes over one with the least count,
// and inherits that count as its possible error. So a count is at most its error too high, no key
// that came more often than total / kCounters is missing, and while there are no more keys than
// counters everything is exact.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aiops {

// Not thread-safe.
class SpaceSaving {
 public:
  static constexpr size_t kCounters = 64;

  struct Counter {
    std::string key;
    std::uint64_t count = 0;
    std::uint64_t error = 0;       // of the count, at most
    std::uint64_t errors_4xx = 0;  // seen since the key has this counter, as the next
    std::uint64_t errors_5xx = 0;
  };

  // A request with this key, answered with this status.
  void Add(std::string_view key, int status);

  // In no order.
  const std::vector<Counter>& counters() const { return counters_; }

 private:
  using Index = std::uint8_t;
  static constexpr Index kNone = 255;
  static constexpr size_t kChains = 128;

  Index* ChainOf(std::string_view key) {
    return &chains_[std::hash<std::string_view>()(key) % kChains];
  }
  Index Find(std::string_view key);
  Index TakeOver(std::string_view key);
  Index Least();

  std::vector<Counter> counters_;
  // Of the counters whose keys have the same hash, each leads to the next.
  std::array<Index, kChains> chains_ = Filled<kChains>();
  std::array<Index, kCounters> next_ = Filled<kCounters>();
  // No counter has less than `least_`, and none before `scan_` has as little.
  std::uint64_t least_ = 0;
  size_t scan_ = 0;

  template <size_t N>
  static constexpr std::array<Index, N> Filled() {
    std::array<Index, N> out{};
    out.fill(kNone);
    return out;
  }
};

}  // namespace aiops
