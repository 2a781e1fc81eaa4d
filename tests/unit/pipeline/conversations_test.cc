#include "pipeline/conversations.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

Anomaly Of(std::int64_t id, const std::string& entity, AnomalyState state = AnomalyState::kOpen) {
  Anomaly a;
  a.id = id;
  a.key = {"server", entity};
  a.state = state;
  return a;
}

TEST(Conversations, WhatOverlapsInTimeBelongsTogether) {
  Conversations conversations;
  EXPECT_EQ(conversations.Of(Of(1, "nas")), 1);
  EXPECT_EQ(conversations.Of(Of(2, "pi")), 2);
  EXPECT_EQ(conversations.Of(Of(3, "nas")), 1);
  EXPECT_EQ(conversations.Of(Of(1, "nas", AnomalyState::kClosed)), 1);
  EXPECT_EQ(conversations.Of(Of(4, "nas")), 1);
  EXPECT_EQ(conversations.Of(Of(3, "nas", AnomalyState::kClosed)), 1);
  EXPECT_EQ(conversations.Of(Of(4, "nas", AnomalyState::kClosed)), 1);
  EXPECT_EQ(conversations.Of(Of(5, "nas")), 5);
}

TEST(Conversations, OneGoesOnOverARestart) {
  Conversations conversations;
  conversations.Restore(Of(3, "nas"), 1);
  EXPECT_EQ(conversations.Of(Of(7, "nas")), 1);
}

}  // namespace
}  // namespace aiops
