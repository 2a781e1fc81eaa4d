#include "text/utf16.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

TEST(Utf16, CountsCodeUnitsNotBytes) {
  EXPECT_EQ(Utf16Length(""), 0u);
  EXPECT_EQ(Utf16Length("abc"), 3u);
  EXPECT_EQ(Utf16Length("메모리"), 3u);
  EXPECT_EQ(Utf16Length("🔴"), 2u);
  EXPECT_EQ(Utf16Length("é€🔴"), 4u);
}

TEST(Utf16, CutsOnACharacterBoundary) {
  EXPECT_EQ(CutToUtf16("abc", 3), "abc");
  EXPECT_EQ(CutToUtf16("abcd", 3), "ab…");
  EXPECT_EQ(CutToUtf16("🔴🔴", 3), "🔴…");
  EXPECT_EQ(CutToUtf16("🔴🔴", 2), "…");
  EXPECT_EQ(CutToUtf16("메모리", 2), "메…");
  EXPECT_EQ(CutToUtf16("abc", 0), "");
}

}  // namespace
}  // namespace aiops
