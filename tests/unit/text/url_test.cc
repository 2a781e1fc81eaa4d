#include "text/url.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

TEST(IsHttpUrl, TakesWhatCanBeAsked) {
  for (const char* good :
       {"http://a", "https://a/", "http://localhost:9090", "http://a:1/prefix/x", "http://[::1]",
        "https://[fe80::1]:443/p", "http://user:pass@host:80/p", "http://192.0.2.1:65535"})
    EXPECT_TRUE(IsHttpUrl(good)) << good;
}

TEST(IsHttpUrl, RefusesWhatCannot) {
  for (const char* bad : {"",
                          "a",
                          "http:",
                          "http://",
                          "https:///x",
                          "http://:80",
                          "http://a:",
                          "http://a:0",
                          "http://a:99999",
                          "http://a:80x",
                          "http://a:-1",
                          "http://[::1",
                          "http://[]",
                          "http://[::1]x",
                          "http://a]:80",
                          "http://user@",
                          "http://a b",
                          "http://a/?q",
                          "http://a#f",
                          "ftp://a",
                          "http://a/\"",
                          "http://\xC3\xA4",
                          "http://a\n",
                          "http://::1:80"})
    EXPECT_FALSE(IsHttpUrl(bad)) << bad;
}

TEST(Url, IsKeptWithoutTheSlashesAtItsEnd) {
  EXPECT_EQ(WithoutTrailingSlashes("http://host/prefix//"), "http://host/prefix");
  EXPECT_EQ(WithoutTrailingSlashes("http://host"), "http://host");
  EXPECT_EQ(WithoutTrailingSlashes(""), "");
}

}  // namespace
}  // namespace aiops
