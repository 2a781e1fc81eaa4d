#include <time.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <vector>

#include "ctl/command.h"
#include "ctl/csv_table.h"
#include "detectors/isolation_forest.h"

namespace aiops {
namespace {

constexpr double kLeastSeconds = 0.3;  // each figure is a mean over at least so long

struct Options {
  std::string csv;
  CsvOptions columns;
  std::optional<size_t> train_rows;
  bool json = false;
};

struct Figures {
  size_t rows = 0;
  double fit_s = 0;
  double score_s = 0;
  double score_one_s = 0;
  size_t model_bytes = 0;
};

// Processor time of this thread: what other programs do meanwhile is not in it.
double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double MeanSeconds(const std::function<void()>& work) {
  work();  // caches and pages are warm
  const double start = CpuSeconds();
  double passed = 0;
  size_t times = 0;
  while (passed < kLeastSeconds) {
    work();
    ++times;
    passed = CpuSeconds() - start;
  }
  return passed / static_cast<double>(times);
}

Result<Figures> Measure(const CsvTable& table, const Options& options) {
  const MatrixView rows{table.values.data(), table.rows(), table.features.size()};
  const size_t training = std::min(options.train_rows.value_or(rows.rows), rows.rows);
  const MatrixView head{rows.data, training, rows.cols};
  AIOPS_TRY(const IsolationForest forest, IsolationForest::Fit(head, {}));
  Figures figures;
  figures.rows = rows.rows;
  figures.model_bytes = forest.bytes();
  figures.fit_s = MeanSeconds([&] { (void)IsolationForest::Fit(head, {}); });
  double sum = 0;  // so that nothing is left out
  figures.score_s = MeanSeconds([&] { sum += forest.ScoreAll(rows).back(); });
  figures.score_one_s = MeanSeconds([&] {
                          for (size_t i = 0; i < rows.rows; ++i) sum += forest.Score(rows.Row(i));
                        }) /
                        static_cast<double>(rows.rows);
  if (sum < 0) return Internal("a score is negative");
  return figures;
}

void Print(const Figures& f, bool json, std::ostream& out) {
  if (json) {
    out << nlohmann::ordered_json{{"rows", f.rows},
                                  {"fit_s", f.fit_s},
                                  {"score_s", f.score_s},
                                  {"score_one_s", f.score_one_s},
                                  {"model_bytes", f.model_bytes}}
               .dump()
        << "\n";
    return;
  }
  out << "rows            " << f.rows << "\n"
      << "fit             " << f.fit_s * 1e3 << " ms\n"
      << "score all rows  " << f.score_s * 1e3 << " ms\n"
      << "score one row   " << f.score_one_s * 1e6 << " us\n"
      << "model           " << f.model_bytes << " bytes\n";
}

}  // namespace

void AddBenchForestCommand(CommandLine& line) {
  auto& command = line.Add(
      "bench-forest",
      "Measures the Isolation Forest (100 trees of 256 rows) on a CSV file, in processor time of "
      "one thread.",
      "  aiopsctl bench-forest week.csv --train-rows 10080 --json\n"
      "Members: rows (scored), fit_s, score_s (all rows at once), score_one_s (the mean of one "
      "call "
      "for one\nrow), model_bytes.");
  const auto options = std::make_shared<Options>();
  options->columns.needs_time = false;
  command.add_option("csv", options->csv, "The file; - reads standard input.")->required();
  command.add_option("--time-column", options->columns.time_column,
                     "Not a feature. Default: time.");
  command
      .add_option("--feature-columns", options->columns.features,
                  "Comma-separated names. Default: all but the time.")
      ->delimiter(',');
  command.add_option("--train-rows", options->train_rows, "Rows to fit on. Default: all.")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--json", options->json, "One JSON object.");
  line.Run(command, [&line, options] {
    const auto table = LoadCsv(options->csv, options->columns);
    const auto figures = table ? Measure(*table, *options) : Result<Figures>(table.error());
    if (!figures) return Fail(figures.error(), line);
    Print(*figures, options->json, line.out);
    return int{kExitOk};
  });
}

}  // namespace aiops
