#include "pipeline/collector_runner.h"

#include <gtest/gtest.h>

#include <latch>

#include "pipeline_testing.h"

namespace aiops {
namespace {

// Hangs in its source, deaf to the stop, until the test lets it go.
class DeafCollector final : public Collector {
 public:
  DeafCollector(std::latch& begun, std::latch& go) : begun_(begun), go_(go) {}
  Result<Collected> Collect(const Tick&, std::stop_token) override {
    begun_.count_down();
    go_.wait();
    return Collected{};
  }

 private:
  std::latch& begun_;
  std::latch& go_;
};

TEST(CollectorRunner, OneThatHangsIsLeftBehindAndDeliversNothing) {
  ManualClock clock(kStart + minutes(1));
  std::latch begun(1), go(1);
  int delivered = 0;
  CollectorRunner runner(0, {.name = "deaf", .help = "Deaf."},
                         std::make_unique<DeafCollector>(begun, go), clock,
                         [&](const Answer&) { ++delivered; });
  runner.Start("");
  runner.Assign(MinuteTick(1));
  begun.wait();
  runner.RequestStop();
  EXPECT_FALSE(runner.AwaitStop(milliseconds(10)));
  go.count_down();
  EXPECT_TRUE(runner.AwaitStop(seconds(10)));
  EXPECT_EQ(delivered, 0);
}

TEST(CollectorRunner, OneThatNeverStartedHasStopped) {
  ManualClock clock;
  std::latch begun(1), go(1);
  CollectorRunner runner(0, {.name = "deaf", .help = "Deaf."},
                         std::make_unique<DeafCollector>(begun, go), clock, [](const Answer&) {});
  EXPECT_TRUE(runner.AwaitStop(seconds(10)));
}

TEST(CollectorRunner, AMissedDeadlineIsDownUntilTheNextAnswerInTime) {
  ManualClock clock;
  std::latch begun(1), go(1);
  CollectorRunner runner(0, {.name = "deaf", .help = "Deaf."},
                         std::make_unique<DeafCollector>(begun, go), clock, [](const Answer&) {});
  runner.MarkMissed();
  const CollectorView view = runner.view();
  EXPECT_TRUE(view.ran);
  EXPECT_FALSE(view.up);
  EXPECT_EQ(view.error_kind, "timeout");
}

}  // namespace
}  // namespace aiops
