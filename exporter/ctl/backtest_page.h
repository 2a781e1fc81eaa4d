// The report of a backtest as one HTML file.
#pragma once

#include <string>

#include "ctl/backtest_report.h"

namespace aiops {

// Loads nothing and runs nothing: style and curves are in it, and its policy forbids the rest.
// `second`: what it is compared with, or null. The first's curves are drawn.
std::string BacktestPage(const BacktestReport& report, const BacktestReport* second);

}  // namespace aiops
