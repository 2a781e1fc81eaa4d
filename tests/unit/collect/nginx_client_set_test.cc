// Numbers of distinct clients against a std::set that knows them all.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>
#include <string>

#include "collect/nginx/client_set.h"

namespace aiops {
namespace {

std::string Address(int i) {
  return std::to_string(10 + i / 16'777'216) + "." + std::to_string(i / 65'536 % 256) + "." +
         std::to_string(i / 256 % 256) + "." + std::to_string(i % 256);
}

ClientHasher Hasher(std::uint64_t seed) { return ClientHasher({seed * 77, ~seed}); }

double RelativeError(double estimate, size_t truth) {
  return std::abs(estimate - static_cast<double>(truth)) / static_cast<double>(truth);
}

TEST(NginxClientHasher, IsSipHash24) {
  // The test vector of the paper: key 00 01 ... 0f, message 00 01 ... 0e.
  std::string message;
  for (char c = 0; c < 15; ++c) message.push_back(c);
  const ClientHasher hash({0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull});
  EXPECT_EQ(hash(message), 0xa129ca6149be45e5ull);
}

TEST(NginxClientSet, IsExactUpToItsBoundAndWithinTwoAndAHalfPerCentBeyond) {
  const std::set<int> sizes{1,    2,      10,     500,    1024,   1025,   1500,
                            4000, 10'000, 20'000, 41'000, 80'000, 300'000};
  int cases = 0;
  int far = 0;
  for (std::uint64_t key = 1; key <= 16; ++key) {
    const int most = key == 1 ? 300'000 : 80'000;
    const auto hash = Hasher(key);
    ClientSet set;
    std::set<std::uint64_t> oracle;
    for (int i = 0; i < most; ++i) {
      const auto client = hash(Address(i));
      set.Insert(client);
      if (i % 3 == 0) set.Insert(client);
      oracle.insert(client);
      if (!sizes.contains(i + 1)) continue;
      if (oracle.size() <= ClientSet::kMaxExact) {
        EXPECT_EQ(set.size(), oracle.size());
        continue;
      }
      const double error = RelativeError(static_cast<double>(set.size()), oracle.size());
      EXPECT_LT(error, 0.035) << "key " << key << ", " << oracle.size() << " clients";
      ++cases;
      far += error > 0.025 ? 1 : 0;
    }
    EXPECT_LE(set.bytes(), size_t{16} << 10);
  }
  EXPECT_LE(far, cases / 100) << "of " << cases;
}

TEST(NginxHyperLogLog, HasNoBiasAtAnySize) {
  for (const int precision : {8, 11, 14}) {
    const double sigma = 1.04 / std::sqrt(1 << precision);
    for (const int size : {50, 700, 3000, 12'000, 41'000, 60'000}) {
      constexpr int kKeys = 60;
      double sum = 0;
      for (std::uint64_t key = 1; key <= kKeys; ++key) {
        std::mt19937_64 random(key * 1000 + static_cast<std::uint64_t>(size));
        HyperLogLog sketch(precision);
        for (int i = 0; i < size; ++i) sketch.Insert(random());
        sum += sketch.Estimate() / size - 1;
      }
      EXPECT_LT(std::abs(sum / kKeys), 3.5 * sigma / std::sqrt(kKeys)) << precision << " " << size;
    }
  }
}

TEST(NginxHyperLogLog, FoldsToWhatASketchOfThatPrecisionHolds) {
  std::mt19937_64 random(3);
  for (const int size : {0, 1, 100, 30'000}) {
    HyperLogLog folded(14);
    std::vector<HyperLogLog> direct;
    for (int p = 8; p < 14; ++p) direct.emplace_back(p);
    for (int i = 0; i < size; ++i) {
      // Every third has long runs of zeros, where the ranks are at their limits.
      const std::uint64_t hash = i % 3 == 0 ? random() >> (random() % 64) : random();
      folded.Insert(hash);
      for (auto& sketch : direct) sketch.Insert(hash);
    }
    for (int p = 13; p >= 8; --p) {
      folded.Fold();
      EXPECT_EQ(folded.Encode(), direct[static_cast<size_t>(p - 8)].Encode()) << p;
    }
    folded.Fold();
    EXPECT_EQ(folded.precision(), 8);
  }
}

// Sets of every form, merged in every combination, are what one set had been.
TEST(NginxClientSet, MergesToWhatOneSetWouldBe) {
  const auto hash = Hasher(9);
  for (const int a : {0, 5, 900, 3000}) {
    for (const int b : {0, 5, 900, 3000}) {
      for (const int overlap : {0, 5}) {
        ClientSet left, right, both;
        for (int i = 0; i < a; ++i) {
          left.Insert(hash(Address(i)));
          both.Insert(hash(Address(i)));
        }
        for (int i = a - std::min(a, overlap); i < a - std::min(a, overlap) + b; ++i) {
          right.Insert(hash(Address(i)));
          both.Insert(hash(Address(i)));
        }
        left.Merge(right);
        EXPECT_EQ(left.size(), both.size()) << a << " " << b;
        EXPECT_EQ(left.Encode(), both.Encode());
      }
    }
  }
}

TEST(NginxClientSet, MergesSketchesOfDifferentPrecision) {
  const auto hash = Hasher(5);
  ClientSet coarse, fine;
  for (int i = 0; i < 5000; ++i) coarse.Insert(hash(Address(i)));
  for (int i = 4000; i < 9000; ++i) fine.Insert(hash(Address(i)));
  while (coarse.bytes() > 4096) ASSERT_TRUE(coarse.Coarsen());
  ClientSet one = coarse, other = fine;
  one.Merge(fine);
  other.Merge(coarse);
  EXPECT_EQ(one.Encode(), other.Encode());
  EXPECT_EQ(one.bytes(), 4096u);
  EXPECT_LT(RelativeError(static_cast<double>(one.size()), 9000), 0.05);
}

TEST(NginxClientSet, LosesPrecisionStepByStepButNotItsNumber) {
  const auto hash = Hasher(4);
  for (const int size : {3, 60, 1000, 50'000}) {
    ClientSet set;
    for (int i = 0; i < size; ++i) set.Insert(hash(Address(i)));
    for (size_t bytes = set.bytes(); set.Coarsen(); bytes = set.bytes()) {
      EXPECT_LE(set.bytes(), bytes / 2);
      const double sigma = 1.04 / std::sqrt(static_cast<double>(set.bytes()));
      EXPECT_LT(RelativeError(static_cast<double>(set.size()), static_cast<size_t>(size)),
                4 * sigma)
          << size << " in " << set.bytes() << " bytes";
    }
    EXPECT_LE(set.bytes(), 256u);
  }
}

TEST(NginxClientSet, ComesBackFromItsText) {
  const auto hash = Hasher(2);
  for (const int size : {0, 1, 7, 1024, 1025, 20'000}) {
    ClientSet set;
    for (int i = 0; i < size; ++i) set.Insert(hash(Address(i)));
    do {
      const auto back = ClientSet::Decode(set.Encode());
      ASSERT_TRUE(back) << size;
      EXPECT_EQ(back->size(), set.size());
      EXPECT_EQ(back->Encode(), set.Encode());
      EXPECT_LE(back->bytes(), set.bytes());
      EXPECT_LE(set.Encode().size(), 16'386u);
    } while (set.Coarsen());
  }
}

TEST(NginxClientSet, RefusesTextThatIsNone) {
  ClientSet small, large;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    if (i < 3) small.Insert(Hasher(1)(Address(static_cast<int>(i))));
    large.Insert(Hasher(1)(Address(static_cast<int>(i))));
  }
  while (large.Coarsen()) {
  }
  for (const std::string& good : {small.Encode(), large.Encode()}) {
    for (size_t cut = 1; cut < good.size(); ++cut) {
      const auto shorter = ClientSet::Decode(good.substr(0, cut));
      EXPECT_TRUE(!shorter || shorter->size() <= 3) << cut;
    }
    for (size_t at = 0; at < good.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string bad = good;
        bad[at] = static_cast<char>(byte);
        const auto read = ClientSet::Decode(bad);
        EXPECT_LE(read ? read->bytes() : 0, size_t{16} << 10);
      }
    }
  }
  for (const char* bad : {"~", "~O", "~H", "=", "~IAAA", "A", "AAAAAAAAAAB"}) {
    EXPECT_FALSE(ClientSet::Decode(bad)) << bad;
  }
  EXPECT_FALSE(ClientSet::Decode("~O" + std::string(16'384, '/'))) << "no rank is 63";
}

}  // namespace
}  // namespace aiops
