#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_client.h"

namespace aiops {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ErrorKind KindOf(int status) { return StatusError({.status = status}, "post").kind; }

TEST(StatusError, KindFollowsTheStatus) {
  EXPECT_EQ(KindOf(400), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(401), ErrorKind::kUnauthorized);
  EXPECT_EQ(KindOf(403), ErrorKind::kUnauthorized);
  EXPECT_EQ(KindOf(404), ErrorKind::kNotFound);
  EXPECT_EQ(KindOf(408), ErrorKind::kTimeout);
  EXPECT_EQ(KindOf(422), ErrorKind::kInvalidArgument);
  EXPECT_EQ(KindOf(429), ErrorKind::kRateLimited);
  EXPECT_EQ(KindOf(500), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf(503), ErrorKind::kUnavailable);
  EXPECT_EQ(KindOf(504), ErrorKind::kTimeout);
  EXPECT_EQ(KindOf(302), ErrorKind::kUnavailable);
}

TEST(StatusError, QuotesTheBodySanitisedAndShort) {
  const auto error =
      StatusError({.status = 400, .body = "bad\n\x1b[31m" + std::string(500, 'x')}, "post");
  EXPECT_THAT(error.message, HasSubstr("post: the server answered 400: bad "));
  EXPECT_THAT(error.message, Not(HasSubstr("\x1b")));
  EXPECT_LT(error.message.size(), 250u);
  EXPECT_EQ(StatusError({.status = 404}, "post").message, "post: the server answered 404");
}

TEST(StatusError, RetryAfterIsKeptWhenItIsSeconds) {
  const auto with = [](int status, const char* value) {
    return StatusError({.status = status, .headers = {{"retry-after", value}}}, "x").retry_after;
  };
  EXPECT_EQ(with(429, "17"), seconds(17));
  EXPECT_EQ(with(503, "3"), seconds(3));
  EXPECT_EQ(with(400, "17"), std::nullopt);
  for (const char* bad :
       {"", "-1", "soon", "1.5", "99999999999999", "Wed, 21 Oct 2026 07:28:00 GMT"})
    EXPECT_EQ(with(429, bad), std::nullopt) << bad;
}

TEST(UrlEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(UrlEncode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(UrlEncode("rate(x{a=\"b\"}[5m])"), "rate%28x%7Ba%3D%22b%22%7D%5B5m%5D%29");
  EXPECT_EQ(UrlEncode("a b+c&\r\n/?#\xc3\xa9"), "a%20b%2Bc%26%0D%0A%2F%3F%23%C3%A9");
}

}  // namespace
}  // namespace aiops
