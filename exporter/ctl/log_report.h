// What parse-log prints.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "ctl/log_tally.h"

namespace aiops {

// A file as it was read.
struct ReadLog {
  std::string path;
  std::string format;   // empty: none fits
  std::string wrapper;  // "none", "docker", "cri"
  bool empty = false;   // it held no line
};

struct BrokenLine {
  std::string path;
  std::uint64_t number = 0;
  std::string reason;
  std::string text;  // its beginning, as it stands in the log
};

struct LogReport {
  LogTally tally;
  std::vector<ReadLog> files;
  std::vector<BrokenLine> broken;  // the first ones
};

// One JSON object. Times are RFC 3339 in UTC.
void PrintJson(const LogReport& report, std::ostream& out);
void PrintTables(const LogReport& report, std::ostream& out);

}  // namespace aiops
