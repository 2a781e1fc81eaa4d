// Backtest: a recording judged as the daemon would have judged it, row after row.
#pragma once

#include <functional>

#include "base/result.h"
#include "config/config.h"
#include "ctl/csv_table.h"
#include "model/score.h"

namespace aiops {

struct BacktestOptions {
  size_t train_rows = 0;  // the first so many; the rest is scored
  Duration interval{};    // between rows
};

// The scope that the table's columns make; a column that is named as a configured feature has that
// one's direction and least deviation.
Scope ScopeOf(const CsvTable& table, const Config& config, Duration interval);

// The median distance of two rows, at least a second; a minute where there are not two.
Duration UsualInterval(const CsvTable& table);

// Streams the training rows through the detector, fits a model on them, streams the others.
// `scored` is told of every row from the first one behind training on; `progress` of every row, and
// stops the run by returning false. Where no model can be fitted the detector goes on without; the
// reason is returned, empty otherwise.
using Scored = std::function<void(size_t row, const Score& score)>;
using Progress = std::function<bool(size_t row)>;
std::string Backtest(const Config& config, const CsvTable& table, const BacktestOptions& options,
                     const Scored& scored, const Progress& progress);

}  // namespace aiops
