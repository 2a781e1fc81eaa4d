// The command `backtest --csv`: a recording in a file, and what it would have told.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/cron.h"
#include "ctl/csv_table.h"
#include "model/anomaly.h"

namespace aiops {

struct RecordingBacktest {
  std::string csv;
  std::string out;     // file; "-": standard output
  std::string config;  // empty: what is shipped
  CsvOptions columns;
  std::optional<size_t> train_rows;
  std::string train_until;
  std::string interval;  // empty: the usual distance of two rows
};

// A line of CSV for each scored row goes to `out`, or to the file that is named; what became of
// them to `err`. Errors are sentences with their cure.
Result<void> RunRecordingBacktest(const RecordingBacktest& options, std::ostream& out,
                                  std::ostream& err);

// Why the times of the column may be none, in a sentence; empty: they may be.
std::string DoubtAboutTimes(const CsvTable& table, const std::string& column, Duration interval);

// The episodes as a table for people, of samples `interval` apart.
std::string RecordingTable(const std::vector<Anomaly>& episodes, Duration interval,
                           const TimeZone& zone);

}  // namespace aiops
