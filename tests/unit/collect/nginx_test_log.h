// A folder with access logs that a test writes, rotates and truncates.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "base/time.h"
#include "unit/test_folder.h"

namespace aiops {

class TestLogFolder {
 public:
  std::string Path(const std::string& name = "access.log") const { return folder_ + "/" + name; }

  void Append(const std::string& text, const std::string& name = "access.log") const {
    std::ofstream(Path(name), std::ios::app | std::ios::binary) << text;
  }
  void Rename(const std::string& from, const std::string& to) const {
    std::filesystem::rename(Path(from), Path(to));
  }
  void CopyTruncate(const std::string& to) const {
    std::filesystem::copy_file(Path(), Path(to));
    std::filesystem::resize_file(Path(), 0);
  }

 private:
  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

// One line of format combined, in UTC.
inline std::string AccessLine(Time t, int status = 200, int bytes = 100,
                              const std::string& client = "192.0.2.1",
                              const std::string& path = "/") {
  const std::time_t seconds_since = std::chrono::system_clock::to_time_t(t);
  std::tm utc{};
  ::gmtime_r(&seconds_since, &utc);
  char stamp[64];
  std::strftime(stamp, sizeof stamp, "%d/%b/%Y:%H:%M:%S +0000", &utc);
  return client + " - - [" + stamp + "] \"GET " + path + " HTTP/1.1\" " + std::to_string(status) +
         " " + std::to_string(bytes) + " \"-\" \"test\"\n";
}

}  // namespace aiops
