#include "config/section.h"

#include <gtest/gtest.h>

#include "fakes/config_text.h"

namespace aiops {
namespace {

TEST(Section, ReadsEveryType) {
  TestConfig config(R"(
a:
  text: hello
  count: 7
  ratio: 0.25
  on: true
  wait: 1m30s
  mode: plain
  items: [x, "y z"]
  names: {team: core, tier: 2}
)");
  const Section a = config.At("a");
  EXPECT_EQ(a.String("text", "", {}), "hello");
  EXPECT_EQ(a.Int("count", 0, {}), 7);
  EXPECT_EQ(a.Number("ratio", 0, {}), 0.25);
  EXPECT_TRUE(a.Bool("on", false, {}));
  EXPECT_EQ(a.Duration("wait", seconds(1), {}), seconds(90));
  EXPECT_EQ(a.Choice("mode", "other", {"other", "plain"}, {}), "plain");
  EXPECT_EQ(a.Strings("items", {}, {}), (std::vector<std::string>{"x", "y z"}));
  const auto names = a.StringMap("names", {});
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[1], std::pair(std::string("tier"), std::string("2")));
  EXPECT_EQ(config.Problems(), "");
}

}  // namespace
}  // namespace aiops
