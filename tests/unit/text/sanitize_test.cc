#include "text/sanitize.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

TEST(Sanitize, KeepsGoodTextAndReplacesTheRest) {
  EXPECT_EQ(Sanitize("na\xC3\xAFve 서울"), "na\xC3\xAFve 서울");
  EXPECT_EQ(Sanitize("a\nb\x1b[31m"), "a b [31m");
  EXPECT_EQ(Sanitize("\xC3("), "\xEF\xBF\xBD(");
  EXPECT_EQ(Sanitize("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  EXPECT_EQ(Sanitize("\xC2\x9B"), " ");  // C1: terminals read it as ESC [
}

TEST(Sanitize, CutsOnACharacterBoundary) {
  EXPECT_EQ(Sanitize("abcdef", 6), "abcdef");
  EXPECT_EQ(Sanitize("abcdefg", 6), "abc…");
  EXPECT_EQ(Sanitize("서울서울", 10), "서울…");
  EXPECT_EQ(Sanitize("abc", 2), "");
}

TEST(Sanitize, AnyBytesGiveValidUtf8WithinTheBound) {
  std::string bytes;
  for (int i = 0; i < 70000; ++i) bytes += static_cast<char>((i * 2654435761u) >> 13);
  const std::string out = Sanitize(bytes, 5000);
  EXPECT_TRUE(IsValidUtf8(out));
  EXPECT_LE(out.size(), 5000u);
  EXPECT_GT(out.size(), 4900u);
}

TEST(IsLabelName, IsThePrometheusRule) {
  EXPECT_TRUE(IsLabelName("_a9"));
  for (const char* bad : {"", "9a", "a-b", "a:b", "é"}) EXPECT_FALSE(IsLabelName(bad)) << bad;
}

TEST(StripUrl, DropsCredentialsAndQuery) {
  EXPECT_EQ(StripUrl("http://u:p@h:9/x?token=1#f"), "http://h:9/x");
  EXPECT_EQ(StripUrl("http://h/a@b"), "http://h/a@b");
  EXPECT_EQ(StripUrl("h:80?x"), "h:80");
}

}  // namespace
}  // namespace aiops
