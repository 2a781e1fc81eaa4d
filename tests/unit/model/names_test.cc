#include <gtest/gtest.h>

#include "model/anomaly.h"
#include "model/fact.h"
#include "model/feature.h"
#include "model/verdict.h"

namespace aiops {
namespace {

TEST(Names, AlertNameIsCamelCase) {
  EXPECT_EQ(AlertName("container_down"), "AiopsContainerDown");
  EXPECT_EQ(AlertName("site_only_errors"), "AiopsSiteOnlyErrors");
}

TEST(Names, VerdictsRoundTrip) {
  for (int i = 0; i <= 4; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    EXPECT_EQ(ParseVerdict(ToString(verdict)), verdict);
  }
  EXPECT_EQ(ParseVerdict("panic"), std::nullopt);
}

TEST(Fingerprint, IgnoresSeverityAndTime) {
  Anomaly a;
  a.key = {"server", "nas"};
  Anomaly b = a;
  b.severity = Severity::kCritical;
  b.started_at = FromUnixMillis(5);
  b.score = 3;
  EXPECT_EQ(Fingerprint(a), Fingerprint(b));
  b.object = "db";
  EXPECT_NE(Fingerprint(a), Fingerprint(b));
  EXPECT_EQ(Fingerprint(a).size(), 16u);
}

TEST(SchemaHash, DependsOnNamesAndOrder) {
  Scope a{"s", {}, {}, {{.name = "x"}, {.name = "y"}}};
  Scope b{"t", {}, {}, {{.name = "x"}, {.name = "y"}}};
  EXPECT_EQ(SchemaHash(a), SchemaHash(b));
  std::swap(b.features[0], b.features[1]);
  EXPECT_NE(SchemaHash(a), SchemaHash(b));
  Scope joined{"s", {}, {}, {{.name = "xy"}}};
  EXPECT_NE(SchemaHash(a), SchemaHash(joined));
}

}  // namespace
}  // namespace aiops
