#include "pipeline/occasions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aiops {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Occasions, EachChangeIsToldOnce) {
  Occasions occasions;
  Anomaly a;
  a.id = 7;
  EXPECT_THAT(occasions.Of(a), ElementsAre(Occasion::kOpened));
  EXPECT_THAT(occasions.Of(a), IsEmpty());
  a.severity = Severity::kCritical;
  EXPECT_THAT(occasions.Of(a), ElementsAre(Occasion::kEscalated));
  a.acknowledged_at = Time{};
  EXPECT_THAT(occasions.Of(a), ElementsAre(Occasion::kAcknowledged));
  a.summary = "another";
  a.mark = Mark::kReal;
  EXPECT_THAT(occasions.Of(a), IsEmpty());
  a.root_cause = "{}";
  a.state = AnomalyState::kClosed;
  EXPECT_THAT(occasions.Of(a), ElementsAre(Occasion::kAnalysed, Occasion::kClosed));
  EXPECT_THAT(occasions.Of(a), IsEmpty());
}

TEST(Occasions, WhatWasOpenBeforeARestartHasBeenTold) {
  Occasions occasions;
  Anomaly a;
  a.id = 7;
  a.severity = Severity::kCritical;
  occasions.Restore({a});
  EXPECT_THAT(occasions.Of(a), IsEmpty());
  a.state = AnomalyState::kClosed;
  EXPECT_THAT(occasions.Of(a), ElementsAre(Occasion::kClosed));
}

TEST(Occasions, OneThatWasNeverSeenOpenIsNotTold) {
  Occasions occasions;
  Anomaly a;
  a.id = 7;
  a.state = AnomalyState::kClosed;
  a.acknowledged_at = Time{};
  EXPECT_THAT(occasions.Of(a), IsEmpty());
}

}  // namespace
}  // namespace aiops
