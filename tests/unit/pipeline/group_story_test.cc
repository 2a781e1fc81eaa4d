#include "pipeline/group_story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace aiops {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class GroupStoryTest : public testing::Test {
 protected:
  void Add(int count, bool affected, const Labels& labels) {
    for (int i = 0; i < count; ++i) {
      labels_.push_back(labels);
      labels_.back().emplace_back("instance", "host-" + std::to_string(labels_.size()));
      members_.push_back({&labels_.back(), affected});
    }
  }
  std::optional<GroupStory> Tell() const { return TellGroup("pod", members_); }

  std::deque<Labels> labels_;
  std::vector<GroupMember> members_;
};

TEST_F(GroupStoryTest, NamesTheLabelThatTheAffectedShare) {
  Add(214, true, {{"az", "b"}, {"job", "web"}});
  Add(786, false, {{"az", "b"}, {"job", "web"}});
  Add(2000, false, {{"az", "a"}, {"job", "web"}});
  const auto story = Tell();
  ASSERT_TRUE(story);
  EXPECT_EQ(story->text, R"(214 of 3,000 entities, all az="b")");  // all of them are job="web"
  EXPECT_EQ(story->scope, "pod");
  EXPECT_EQ(story->affected, 214u);
  EXPECT_EQ(story->entities, 3000u);
  EXPECT_THAT(story->shared, ElementsAre(Pair("az", "b")));
}

TEST_F(GroupStoryTest, FewAreNoGroup) {
  Add(4, true, {{"az", "b"}});
  Add(10, false, {{"az", "a"}});
  EXPECT_FALSE(Tell());
  Add(1, true, {{"az", "b"}});
  EXPECT_TRUE(Tell());
}

TEST_F(GroupStoryTest, NearlyAllIsSaidAsAShare) {
  Add(97, true, {{"az", "b"}});
  Add(3, true, {{"az", "c"}});
  Add(100, false, {{"az", "a"}});
  EXPECT_EQ(Tell()->text, R"(100 of 200 entities, 97 % az="b")");
  Add(3, true, {{"az", "c"}});  // 97 of 103: fewer than 95 %
  EXPECT_EQ(Tell()->text, "103 of 203 entities");
}

TEST_F(GroupStoryTest, ALabelThatMostOthersHaveTellsNothing) {
  Add(10, true, {{"az", "b"}});
  Add(51, false, {{"az", "b"}});
  Add(49, false, {{"az", "a"}});
  EXPECT_THAT(Tell()->shared, IsEmpty());
}

TEST_F(GroupStoryTest, WhereAllAreAffectedNothingSetsThemApart) {
  Add(12, true, {{"az", "b"}});
  EXPECT_EQ(Tell()->text, "12 of 12 entities");
}

TEST_F(GroupStoryTest, TheMostTellingComesFirstWhateverTheOrder) {
  Add(10, true, {{"az", "b"}, {"rack", "7"}});
  Add(20, false, {{"az", "b"}, {"rack", "8"}});
  Add(30, false, {{"az", "a"}, {"rack", "9"}});
  const std::string text = R"(10 of 60 entities, all rack="7", all az="b")";
  EXPECT_EQ(Tell()->text, text);
  std::reverse(members_.begin(), members_.end());
  EXPECT_EQ(Tell()->text, text);
}

TEST_F(GroupStoryTest, AHostileValueStaysAValue) {
  Add(5, true, {{"az", "b\", all job=\"\\web\n\x1b[31m"}});
  Add(5, false, {{"az", "a"}});
  EXPECT_EQ(Tell()->text, R"(5 of 10 entities, all az="b\", all job=\"\\web  [31m")");
}

TEST_F(GroupStoryTest, ALongValueIsCut) {
  Add(5, true, {{"az", std::string(5000, 'x')}});
  Add(5, false, {{"az", "a"}});
  EXPECT_LT(Tell()->text.size(), 120u);
}

}  // namespace
}  // namespace aiops
