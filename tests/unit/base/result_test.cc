#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace aiops {
namespace {

Result<std::unique_ptr<int>> Make(bool good) {
  if (!good) return Timeout("too slow");
  return std::make_unique<int>(7);
}

Result<int> Twice(bool good) {
  AIOPS_TRY(auto value, Make(good));
  return *value * 2;
}

Result<void> Check(bool good) {
  AIOPS_TRY_VOID(Twice(good));
  return {};
}

TEST(Result, TryDeclaresOrReturnsTheError) {
  EXPECT_EQ(*Twice(true), 14);
  ASSERT_FALSE(Twice(false));
  EXPECT_EQ(Twice(false).error().kind, ErrorKind::kTimeout);
  EXPECT_TRUE(Check(true));
  EXPECT_EQ(Check(false).error().message, "too slow");
}

TEST(Error, WrapAddsWhatWasBeingDone) {
  EXPECT_EQ(Timeout("too slow").Wrap("query").message, "query: too slow");
}

TEST(ErrorKind, OnlyPassingTroubleIsRetried) {
  EXPECT_TRUE(Retryable(ErrorKind::kUnavailable));
  EXPECT_TRUE(Retryable(ErrorKind::kRateLimited));
  EXPECT_FALSE(Retryable(ErrorKind::kUnauthorized));
  EXPECT_FALSE(Retryable(ErrorKind::kInvalidArgument));
}

TEST(ResultDeathTest, ReadingTheValueOfAnErrorIsABrokenInvariant) {
  EXPECT_DEATH(static_cast<void>(*Twice(false)), "broken invariant");
}

}  // namespace
}  // namespace aiops
