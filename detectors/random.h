// Xoshiro256pp: a small generator whose numbers are the same with every compiler and library, which
// the standard's distributions are not. Not for secrets.
//
// xoshiro256++ 1.0 of Blackman and Vigna ("Scrambled Linear Pseudorandom Number Generators", 2021),
// state filled by splitmix64 as its authors advise.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace aiops {

// One step of splitmix64: advances `state` and returns 64 mixed bits.
constexpr std::uint64_t SplitMix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15ull;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

class Xoshiro256pp {
 public:
  explicit constexpr Xoshiro256pp(std::uint64_t seed) {
    for (auto& word : state_) word = SplitMix64(seed);
  }

  constexpr std::uint64_t Next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // [0, n); n > 0. Biased by less than n / 2^32.
  constexpr std::uint32_t Below(std::uint32_t n) {
    return static_cast<std::uint32_t>(((Next() >> 32) * n) >> 32);
  }

  // [0, 1), 53 bits.
  constexpr double Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace aiops
