// Snapshots: what comes back judges as what was saved, and no bytes whatever do harm.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "detectors/blob.h"
#include "detectors/detector.h"
#include "detectors/forest_nodes.h"
#include "detectors/random.h"

namespace aiops {
namespace {

constexpr size_t kWidth = 3;

std::unique_ptr<Detector> Empty(size_t width = kWidth) {
  DetectorOptions options;
  options.forest.n_estimators = 5;
  options.forest.max_samples = 16;
  options.features.resize(width);
  return MakeHybridDetector(options);
}

std::vector<double> Noise(size_t n, std::uint64_t seed) {
  Xoshiro256pp random(seed);
  std::vector<double> values(n);
  for (double& v : values) v = random.Uniform() + random.Uniform();
  return values;
}

std::unique_ptr<Detector> Trained() {
  auto detector = Empty();
  const auto rows = Noise(kWidth * 200, 1);
  EXPECT_TRUE(detector->Fit({rows.data(), 200, kWidth}, {}));
  for (size_t i = 0; i < 50; ++i) {
    const std::span<const double> x(rows.data() + i * kWidth, kWidth);
    detector->Learn(x, {}, detector->Judge(x, {}), 0);
  }
  return detector;
}

void ExpectSame(const Score& a, const Score& b) {
  EXPECT_EQ(a.score, b.score);
  EXPECT_EQ(a.level, b.level);
  EXPECT_EQ(a.forest, b.forest);
  EXPECT_EQ(a.verdict, b.verdict);
  for (size_t i = 0; i < a.features.size(); ++i) {
    EXPECT_EQ(a.features[i].z, b.features[i].z);
    EXPECT_EQ(a.features[i].contribution, b.features[i].contribution);
  }
}

TEST(Snapshot, RestoredDetectorJudgesIdentically) {
  const auto original = Trained();
  const auto restored = Empty();
  ASSERT_TRUE(restored->RestoreState(original->SnapshotState()));
  ASSERT_TRUE(restored->RestoreModel(original->SnapshotModel()));
  EXPECT_EQ(restored->SnapshotState(), original->SnapshotState());
  EXPECT_EQ(restored->SnapshotModel(), original->SnapshotModel());
  const auto probes = Noise(kWidth * 300, 2);
  for (size_t i = 0; i < 300; ++i) {
    const std::span<const double> x(probes.data() + i * kWidth, kWidth);
    ExpectSame(original->Judge(x, {}), restored->Judge(x, {}));
    original->Learn(x, {}, original->Judge(x, {}), 0);
    restored->Learn(x, {}, restored->Judge(x, {}), 0);
  }
  EXPECT_EQ(restored->model().rows, 200u);
  EXPECT_EQ(restored->model().bytes, original->model().bytes);
}

TEST(Snapshot, WithoutAModelThereIsNone) { EXPECT_EQ(Empty()->SnapshotModel(), ""); }

TEST(Snapshot, AnotherWidthIsInvalidArgumentAndChangesNothing) {
  const auto original = Trained();
  const auto other = Empty(4);
  const std::string before = other->SnapshotState();
  EXPECT_EQ(other->RestoreState(original->SnapshotState()).error().kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(other->RestoreModel(original->SnapshotModel()).error().kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(other->SnapshotState(), before);
  EXPECT_FALSE(other->model().present);
}

TEST(Snapshot, EveryTruncationIsCorruption) {
  const auto original = Trained();
  const auto target = Trained();
  const std::string model = original->SnapshotModel();
  for (size_t n = 0; n < model.size(); ++n)
    ASSERT_EQ(target->RestoreModel(model.substr(0, n)).error().kind, ErrorKind::kCorruption) << n;
  const std::string state = original->SnapshotState();
  for (size_t n = 0; n < state.size(); ++n)
    ASSERT_EQ(target->RestoreState(state.substr(0, n)).error().kind, ErrorKind::kCorruption) << n;
  EXPECT_EQ(target->SnapshotModel(), model);
  EXPECT_EQ(target->SnapshotState(), state);
}

TEST(Snapshot, EveryFlippedBitIsNoticed) {
  const auto target = Trained();
  const std::string model = target->SnapshotModel();
  for (size_t bit = 0; bit < model.size() * 8; bit += 7) {
    std::string bad = model;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_EQ(target->RestoreModel(bad).error().kind, ErrorKind::kCorruption) << bit;
  }
}

// As an attacker would: the checksum fits.
std::string Reseal(std::string blob) {
  blob.resize(blob.size() - 8);
  const std::uint64_t sum = BlobChecksum(blob);
  for (int i = 0; i < 8; ++i) blob += static_cast<char>((sum >> (8 * i)) & 0xff);
  return blob;
}

std::string Mutate(std::string blob, Xoshiro256pp& random) {
  const std::uint32_t changes = 1 + random.Below(4);
  for (std::uint32_t i = 0; i < changes; ++i) {
    const size_t at = random.Below(static_cast<std::uint32_t>(blob.size() - 8));
    const auto choice = random.Below(3);
    blob[at] = choice == 0   ? static_cast<char>(random.Below(256))
               : choice == 1 ? static_cast<char>(blob[at] ^ (1 << random.Below(8)))
                             : '\xff';
  }
  if (random.Below(10) == 0) blob.resize(8 + random.Below(static_cast<std::uint32_t>(blob.size())));
  return Reseal(blob);
}

TEST(Snapshot, HostileBlobsWithAValidChecksumAreRefusedOrJudgeSanely) {
  Xoshiro256pp random(4);
  const std::string model = Trained()->SnapshotModel();
  const std::string state = Trained()->SnapshotState();
  const std::vector<std::vector<double>> probes{
      {1, 1, 1}, {9, -9, 1e308}, {1, kMissing, 1}, {kMissing, 0.5, kMissing}};
  int accepted = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto target = Trained();
    const bool model_taken = target->RestoreModel(Mutate(model, random)).has_value();
    const bool state_taken = target->RestoreState(Mutate(state, random)).has_value();
    accepted += model_taken || state_taken ? 1 : 0;
    for (const auto& x : probes) {
      const Score score = target->Judge(x, {});
      if (score.verdict != Verdict::kUnknown) {
        ASSERT_TRUE(std::isfinite(score.score)) << i;
      }
      target->Learn(x, {}, score, 0);
    }
  }
  EXPECT_GT(accepted, 100);  // the mutations reach past the outer checks
}

TEST(Snapshot, RandomBytesAreCorruption) {
  Xoshiro256pp random(6);
  const auto target = Empty();
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random.Below(200), '\0');
    for (char& c : bytes) c = static_cast<char>(random.Below(256));
    ASSERT_EQ(target->RestoreModel(bytes).error().kind, ErrorKind::kCorruption);
    ASSERT_EQ(target->RestoreState(bytes).error().kind, ErrorKind::kCorruption);
  }
}

ForestNode Cut(std::uint16_t skip, std::uint16_t feature = 0) {
  return {.threshold = 1, .skip = skip, .feature = feature, .left_share = 32768};
}

TEST(Snapshot, OnlyTreesInPreorderPass) {
  const ForestNode leaf = LeafNode(1);
  const auto passes = [](std::vector<ForestNode> tree) { return SealTree(tree, 2).has_value(); };
  EXPECT_TRUE(passes({leaf}));
  EXPECT_TRUE(passes({Cut(2), leaf, leaf}));
  EXPECT_TRUE(passes({Cut(4), Cut(2), leaf, leaf, leaf}));
  EXPECT_FALSE(passes({}));
  EXPECT_FALSE(passes({leaf, leaf}));                        // more than one tree
  EXPECT_FALSE(passes({Cut(1), leaf, leaf}));                // both children the same
  EXPECT_FALSE(passes({Cut(3), leaf, leaf}));                // past the end
  EXPECT_FALSE(passes({Cut(2), Cut(2), leaf, leaf, leaf}));  // shares a subtree
  EXPECT_FALSE(passes({Cut(2, 2), leaf, leaf}));             // no such feature
  EXPECT_FALSE(passes({ForestNode{.threshold = 1}}));        // a leaf that a value could leave
  EXPECT_FALSE(passes({ForestNode{.threshold = NAN, .expected = 65535}}));
  ForestNode endless = Cut(2);
  endless.threshold = INFINITY;
  EXPECT_FALSE(passes({endless, leaf, leaf}));
}

TEST(Snapshot, ADeepTreeIsRefused) {
  std::vector<ForestNode> chain;
  const size_t depth = 30;
  for (size_t i = 0; i < depth; ++i)
    chain.push_back(Cut(static_cast<std::uint16_t>(2 * (depth - i))));
  chain.resize(2 * depth + 1, LeafNode(1));
  EXPECT_FALSE(SealTree(chain, 2));
}

}  // namespace
}  // namespace aiops
