#include "store/pack.h"

#include <gtest/gtest.h>

#include <random>

namespace aiops {
namespace {

TEST(Pack, TypicalVectorsAreSmall) {
  EXPECT_EQ(PackValues({}).size(), 1u);
  EXPECT_EQ(PackValues({kMissing, 0, 1.5, 0.1}).size(), 2u + 4 + 8);
  EXPECT_LE(PackValues(std::vector<double>(11, 0.1)).size(), 4u + 11 * 8);
}

TEST(Pack, CutOrPaddedBytesAreRefused) {
  const std::string values = PackValues({1, 0.1, kMissing, 0, 7});
  const std::string labels = PackLabels({{"a", "b"}});
  const std::string contributions = PackContributions({{"cpu", "%", 1, 2, 3, 4, 1}});
  for (const auto& [whole, decodes] :
       {std::pair{values, +[](std::string_view b) { return UnpackValues(b).has_value(); }},
        std::pair{PackNames({"a", "", "bc"}),
                  +[](std::string_view b) { return UnpackNames(b).has_value(); }},
        std::pair{labels, +[](std::string_view b) { return UnpackLabels(b).has_value(); }},
        std::pair{contributions,
                  +[](std::string_view b) { return UnpackContributions(b).has_value(); }}}) {
    EXPECT_TRUE(decodes(whole));
    EXPECT_FALSE(decodes(whole + '\0'));
    for (size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(decodes(whole.substr(0, n))) << n;
  }
}

// As version 4 of the schema kept them: without gates.
TEST(Pack, ContributionsWithoutGatesAreRead) {
  std::vector<Contribution> contributions{{"cpu", "%", 1, 2, 3, 4, 1}};
  contributions[0].gate = Gate::kMinDeviation;
  std::string bytes = PackContributions(contributions);
  EXPECT_EQ(UnpackContributions(bytes).value().at(0).gate, Gate::kMinDeviation);
  EXPECT_FALSE(UnpackContributions(bytes.substr(0, bytes.size() - 1) + char{kGateCount}));
  bytes[0] = 1;
  bytes.pop_back();
  EXPECT_EQ(UnpackContributions(bytes).value().at(0).share, 1);
  EXPECT_EQ(UnpackContributions(bytes).value().at(0).gate, Gate::kNone);
}

TEST(Pack, AHugeCountAllocatesNothing) {
  const std::string huge = "\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
  EXPECT_EQ(UnpackValues(huge).error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(UnpackNames(huge).error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(UnpackLabels(huge).error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(UnpackContributions("\x01" + huge).error().kind, ErrorKind::kCorruption);
  EXPECT_FALSE(UnpackValues(std::string(20, '\xff')));
}

TEST(Pack, RandomBytesNeverCrash) {
  std::mt19937 random(1);
  int decoded = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % (i % 2 == 0 ? 4 : 256));
    decoded += UnpackValues(bytes).has_value() + UnpackLabels(bytes).has_value() +
               UnpackContributions(bytes).has_value() + UnpackNames(bytes).has_value();
  }
  EXPECT_GT(decoded, 0);
}

}  // namespace
}  // namespace aiops
