// CsvTable: a recording as CSV (RFC 4180), with a time column and columns of numbers.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace aiops {

struct CsvTable {
  std::vector<std::string> features;  // names of the columns that were taken, in their order
  std::vector<Time> times;            // one a row, as they stand: possibly repeated or unordered
  std::vector<double> values;         // row-major; kMissing where a field is empty

  size_t rows() const { return times.size(); }
};

struct CsvOptions {
  std::string time_column = "time";
  bool needs_time = true;             // else all times are 0 where there is no such column
  std::vector<std::string> features;  // empty: every other column
};

// The first line is the header. Times are RFC 3339, "2013-07-04 00:00:00" (UTC), or seconds since
// the epoch; a number that is empty, NaN or infinite is missing. InvalidArgument names line and
// column: a column that is not there or is there twice, a field that is no number, a line of
// another width, a quote without an end. `name` begins the message. Lines end with LF or CRLF;
// quoted fields may hold both.
Result<CsvTable> ReadCsv(std::istream& in, const std::string& name, const CsvOptions& options);

// The same of a file; `file` "-" is standard input.
Result<CsvTable> LoadCsv(const std::string& file, const CsvOptions& options);

// A field as CSV writes it: in quotes where it needs them.
std::string CsvField(std::string_view text);

}  // namespace aiops
