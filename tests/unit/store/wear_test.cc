// How much a day writes to the disk: what an SD card wears out by. Prints the figures of
// docs/store.md.
#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <random>

#include "unit/store/store_testing.h"

namespace aiops {
namespace {

constexpr double kMegabyte = 1e6;

class StoreWear : public StoreTest {
 protected:
  // As the kernel accounts it to this process; 0 where /proc does not tell.
  static double WrittenBytes() {
    std::ifstream io("/proc/self/io");
    std::string key;
    double value = 0;
    while (io >> key >> value) {
      if (key == "write_bytes:") return value;
    }
    return 0;
  }

  // A page that is changed twice before the kernel writes it back counts once, and a simulated day
  // is over before that. Between two real minutes it does write back, so this does it as well.
  void WriteBack() const {
    for (const char* suffix : {"", "-wal"}) {
      const int fd = ::open((path_ + suffix).c_str(), O_RDONLY | O_CLOEXEC);
      ::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
      ::close(fd);
    }
  }

  void Minute(Store& store, int minute) {
    std::vector<double> values(11);
    for (double& v : values) v = std::uniform_real_distribution<double>(0, 100)(random_);
    ASSERT_TRUE(store.Commit(
        {.samples = {SampleOf(At(minute), values)},
         .checkpoints = {{"nginx_log", std::string(1024, static_cast<char>(minute))}}}));
    WriteBack();
  }

  void Round(Store& store, int minute) {
    Changes changes;
    for (int i = 0; i < 5; ++i)
      changes.judgements.push_back({kHost, At(minute - i), 0.123, 0.456, 1, Verdict::kNormal});
    changes.state = {
        {"detector/server/host", 1, At(minute), std::string(4096, static_cast<char>(minute))}};
    ASSERT_TRUE(store.Commit(changes));
    WriteBack();
  }

  std::mt19937 random_{1};
};

TEST_F(StoreWear, ADayOfOneEntityWritesLessThanAHundredMegabytes) {
  const auto store = OpenStore();
  const double before = WrittenBytes();
  for (int minute = 1; minute <= 1440; ++minute) {
    Minute(*store, minute);
    if (minute % 5 == 0) Round(*store, minute);
  }
  const double written = WrittenBytes() - before;
  const auto health = store->health();
  std::cout << "written " << written / kMegabyte << " MB, database "
            << static_cast<double>(health.database_bytes) / kMegabyte << " MB, WAL "
            << static_cast<double>(health.wal_bytes) / kMegabyte << " MB\n";
  EXPECT_LT(health.wal_bytes, 5 << 20);
  if (written == 0)
    GTEST_SKIP() << "skipped: the kernel does not account this file system's writes";
  EXPECT_LT(written / kMegabyte, 100);
}

}  // namespace
}  // namespace aiops
