#include "pipeline/silences.h"

#include <gmock/gmock.h>

#include "pipeline_testing.h"

namespace aiops {
namespace {

class SilencesTest : public testing::Test {
 protected:
  // A window over the minutes [from, to) of samples that are stored.
  std::int64_t Begin(int from, int to) {
    Changes changes;
    const Silence window{.starts_at = kStart + minutes(from), .ends_at = kStart + minutes(to)};
    const auto added = silences_.Add(window, now_, changes);
    EXPECT_TRUE(added && store_->Commit(changes));
    return added->id;
  }
  std::optional<Silences::Ended> End(std::int64_t id) {
    Changes changes;
    auto ended = silences_.End(SilenceKind::kWindow, id, now_, changes);
    EXPECT_TRUE(store_->Commit(changes));
    return ended;
  }
  // "m" for each sample under maintenance.
  std::string Marked() const {
    const auto samples = store_->ReadSamples({.key = kWeb, .until = now_}).value();
    std::string out;
    for (const Sample& sample : samples) out += (sample.flags & kMaintenance) != 0 ? 'm' : '-';
    return out;
  }
  void SetUp() override {
    Changes changes;
    for (int m = 0; m < 4; ++m)
      changes.samples.push_back({kWeb, kStart + minutes(m), 7, kPartial, {1.0 * m}});
    ASSERT_TRUE(store_->Commit(changes));
  }

  ManualClock clock_{kStart};
  std::unique_ptr<Store> store_ = MemoryStore(clock_);
  Silences silences_;
  Time now_ = kStart + minutes(10);
};

TEST_F(SilencesTest, OneThatIsOverIsListedAndTakenBackButForWhatOthersCover) {
  const std::int64_t long_one = Begin(0, 3), short_one = Begin(1, 2);
  EXPECT_EQ(Marked(), "mmm-");
  EXPECT_EQ(silences_.Pending(now_).size(), 0u);
  EXPECT_EQ(silences_.Past(now_).size(), 2u);
  const auto back = End(long_one);
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->taken_back);
  EXPECT_EQ(back->silence.ends_at, kStart + minutes(3)) << "as it was";
  EXPECT_EQ(Marked(), "-m--");
  EXPECT_EQ(silences_.Past(now_).size(), 1u);
  EXPECT_FALSE(End(long_one));
  EXPECT_TRUE(End(short_one));
  EXPECT_EQ(Marked(), "----");
  silences_.Restore(store_->ReadSilences().value());
  EXPECT_EQ(silences_.Past(now_).size(), 0u) << "nor after a restart";
}

TEST_F(SilencesTest, OneInForceEndsAndKeepsItsMark) {
  const std::int64_t id = Begin(0, 60);
  const auto ended = End(id);
  ASSERT_TRUE(ended);
  EXPECT_FALSE(ended->taken_back);
  EXPECT_EQ(ended->silence.ends_at, now_);
  EXPECT_EQ(Marked(), "mmmm");
  EXPECT_TRUE(End(id)->taken_back);
  EXPECT_EQ(Marked(), "----");
}

TEST_F(SilencesTest, ThoseThatAreLongOverMakeRoom) {
  for (size_t i = 0; i < Silences::kMost; ++i) Begin(-1, 0);
  Changes changes;
  const Silence window{.starts_at = now_, .ends_at = now_ + hours(1)};
  EXPECT_FALSE(silences_.Add(window, now_, changes)) << "late lines may still need them";
  EXPECT_TRUE(silences_.Add(window, now_ + hours(24 * 8), changes));
  silences_.Forget(now_ + hours(24 * 30));
  EXPECT_FALSE(silences_.all().empty());
  silences_.Forget(now_ + hours(24 * 60));
  EXPECT_TRUE(silences_.all().empty());
}

}  // namespace
}  // namespace aiops
