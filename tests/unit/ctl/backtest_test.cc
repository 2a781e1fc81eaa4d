#include "ctl/backtest.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "config/section.h"
#include "ctl/backtest_recording.h"
#include "ctl_harness.h"
#include "fakes/manual_clock.h"
#include "pipeline/detector_driver.h"
#include "pipeline/judge.h"
#include "unit/test_folder.h"

namespace aiops {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr Time kBegin = FromUnixMillis(1'700'000'040'000);

Config ConfigOf(const std::string& detect) {
  Sources sources;
  sources.file = "aiops.yml";
  sources.text = "timezone: Asia/Seoul\ndetect: {" + detect +
                 "}\nscopes:\n  backtest:\n    features:\n"
                 "      a: {source: host, expr: a, direction: up}\n"
                 "      b: {source: host, expr: b}\n      c: {source: host, expr: c}\n";
  Document document(std::move(sources));
  return ReadConfig(document, "nas");
}

// Rows of three features that breathe, with a jump now and then.
CsvTable Rows(size_t n) {
  CsvTable table;
  table.features = {"a", "b", "c"};
  for (size_t i = 0; i < n; ++i) {
    table.times.push_back(kBegin + minutes(static_cast<int>(i)));
    const double wave = std::sin(static_cast<double>(i) * 0.7) + static_cast<double>(i * 7 % 5);
    const double jump = i % 97 == 96 ? 20 : 0;
    table.values.insert(table.values.end(), {wave + jump, 100 - 2 * wave, 50 + wave * wave + jump});
  }
  return table;
}

Sample SampleOf(const CsvTable& table, size_t row, const Scope& scope) {
  Sample sample{{scope.name, "nas"}, table.times[row], SchemaHash(scope), 0, {}};
  sample.values.assign(table.values.begin() + static_cast<std::ptrdiff_t>(3 * row),
                       table.values.begin() + static_cast<std::ptrdiff_t>(3 * row + 3));
  return sample;
}

// What the daemon's Judge says of the same rows: it adopts a model after `trained` of them.
std::vector<Score> Live(const Config& config, const CsvTable& table, size_t trained) {
  ManualClock clock(kBegin);
  const auto store = *Store::Open({.path = ":memory:"}, clock);
  Judge judge(config, *store);
  const Scope& scope = *judge.FindScope("backtest");
  TrainingRows rows{DetectorOptionsFor(config, scope), {}, {}};
  std::vector<Score> out;
  for (size_t row = 0; row < table.rows(); ++row) {
    const Sample sample = SampleOf(table, row, scope);
    if (row == trained) judge.Adopt(sample.key, **FitDetector(rows), {});
    rows.Add(sample, config.timezone);
    judge.Add(sample, {});
    judge.Round([&](const Judged& judged) {
      if (row >= trained) out.push_back(judged.score);
    });
  }
  return out;
}

class Both : public testing::TestWithParam<const char*> {};

TEST_P(Both, JudgesAsTheDaemonDoes) {
  const Config config = ConfigOf(GetParam());
  const CsvTable table = Rows(900);
  const auto live = Live(config, table, 500);
  std::vector<Score> backtest;
  const std::string untrained = Backtest(
      config, table, {.train_rows = 500, .interval = minutes(1)},
      [&](size_t row, const Score& score) {
        EXPECT_EQ(row, 500 + backtest.size());
        backtest.push_back(score);
      },
      [](size_t) { return true; });
  EXPECT_EQ(untrained, "");
  ASSERT_EQ(backtest.size(), live.size());
  for (size_t i = 0; i < live.size(); ++i) {
    ASSERT_EQ(backtest[i].score, live[i].score) << i;
    ASSERT_EQ(backtest[i].level, live[i].level) << i;
    ASSERT_EQ(backtest[i].verdict, live[i].verdict) << i;
    for (size_t f = 0; f < 3; ++f)
      ASSERT_EQ(backtest[i].features[f].contribution, live[i].features[f].contribution);
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, Both, testing::Values("mode: plain", "mode: calibrated"));

class BacktestCommand : public testing::Test {
 protected:
  CtlRun Run(const std::string& csv, std::vector<std::string> more = {}) {
    const std::string file = folder_ + "/in.csv";
    std::ofstream(file) << csv;
    std::vector<std::string> arguments{"backtest", "--csv", file, "--out", "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return CtlRun(std::move(arguments));
  }
  // n rows of two features.
  static std::string Csv(int n) {
    std::string text = "time,a,b\n";
    for (int i = 0; i < n; ++i)
      text += std::to_string(1'700'000'040 + 60 * i) + "," + std::to_string(i * 7 % 11) + "," +
              std::to_string(i * 5 % 13) + "\n";
    return text;
  }
  static std::vector<std::string> Lines(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  const TestFolder scratch_;
  const std::string folder_ = scratch_.path();
};

TEST_F(BacktestCommand, WritesALineForEveryRowBehindTraining) {
  const CtlRun run = Run(Csv(300), {"--train-rows", "200"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, StartsWith("100 rows scored, the 200 before them trained: "));
  const auto lines = Lines(run.out);
  ASSERT_EQ(lines.size(), 101u);
  EXPECT_EQ(lines[0], "row,time,score,level,verdict,gate,a,b");
  EXPECT_THAT(lines[1], StartsWith("200,2023-11-15T01:34:00Z,"));
  EXPECT_THAT(lines[100], StartsWith("299,"));
}

TEST_F(BacktestCommand, TellsEpisodesBesideRows) {
  std::string text = "time,a,b\n";
  for (int i = 0; i < 400; ++i) {
    const int bad = i >= 350 && i < 360 ? 500 : 0;
    text += std::to_string(1'700'000'040 + 60 * i) + "," + std::to_string(i * 7 % 11 + bad) + "," +
            std::to_string(i * 5 % 13 + bad) + "\n";
  }
  std::ofstream(folder_ + "/utc.yml") << "timezone: UTC\n";
  const CtlRun run = Run(text, {"--train-rows", "300", "--config", folder_ + "/utc.yml"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr(" trained: 1 episode ("));
  EXPECT_THAT(run.err, HasSubstr("Wed 2023-11-15 04:04"));  // row 350
  EXPECT_THAT(run.err, HasSubstr("(expected "));
  EXPECT_THAT(run.err, HasSubstr("Times in UTC."));
  EXPECT_EQ(Lines(run.out).size(), 101u);
}

TEST_F(BacktestCommand, ARunningNumberIsNoTime) {
  std::string text = "step5min,a,b\n";
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + ",1," + std::to_string(i % 7) + "\n";
  const std::string told = "the column step5min looks like a running number (0 to 99)";
  const std::vector<std::string> more{"--time-column", "step5min", "--train-rows", "50"};
  EXPECT_THAT(Run(text, more).err, HasSubstr(told));
  auto with = more;
  with.insert(with.end(), {"--interval", "5m"});
  EXPECT_THAT(Run(text, with).err, HasSubstr("begin + number x 5m"));
  EXPECT_THAT(Run(Csv(100), {"--train-rows", "50", "--interval", "5m"}).err,
              testing::Not(HasSubstr("running number")));
}

TEST(TimesOfARecording, SecondsSinceItsBeginAreNotDoubted) {
  CsvTable table;
  for (int i = 0; i < 10; ++i) table.times.push_back(Time{} + i * minutes(5));
  EXPECT_EQ(DoubtAboutTimes(table, "time", minutes(5)), "");
  EXPECT_THAT(DoubtAboutTimes(table, "time", minutes(1)), HasSubstr("(0 to 2700)"));
}

TEST_F(BacktestCommand, IsCausal) {
  const auto all = Lines(Run(Csv(400), {"--train-rows", "200"}).out);
  const auto part = Lines(Run(Csv(300), {"--train-rows", "200", "--interval", "1m"}).out);
  for (size_t i = 0; i < part.size(); ++i) EXPECT_EQ(part[i], all[i]) << i;
}

TEST_F(BacktestCommand, TrainsUntilATime) {
  const auto lines = Lines(Run(Csv(300), {"--train-until", "2023-11-15T01:34:00Z"}).out);
  ASSERT_EQ(lines.size(), 101u);
  EXPECT_THAT(lines[1], StartsWith("200,"));
}

TEST_F(BacktestCommand, BrokenInputIsWrongUsage) {
  EXPECT_EQ(Run("time,a\n1,x\n").code, 2);
  EXPECT_THAT(Run("time,a\n1,x\n").err, HasSubstr("in.csv:2: column 'a': 'x' is no number"));
  EXPECT_EQ(Run(Csv(3), {"--feature-columns", "a,z"}).code, 2);
  EXPECT_EQ(Run(Csv(3), {"--interval", "soon"}).code, 2);
  EXPECT_EQ(Run(Csv(3), {"--train-rows", "1", "--train-until", "2026-01-01T00:00:00Z"}).code, 2);
  EXPECT_EQ(Run(Csv(3), {"--config", folder_ + "/none.yml"}).code, 1);
}

TEST_F(BacktestCommand, OddInputGivesFiniteNumbersOrUnknown) {
  std::string wide = "time";
  for (int f = 0; f < 500; ++f) wide += ",f" + std::to_string(f);
  for (int i = 0; i < 60; ++i) {
    wide += "\n" + std::to_string(60 * i);
    for (int f = 0; f < 500; ++f) wide += "," + std::to_string((i * f) % 17);
  }
  std::string still = "time,a\n", missing = "time,a\n", edges = "time,a,b\n";
  for (int i = 0; i < 120; ++i) {
    const std::string time = std::to_string(60 * (i / 2 * 2 - i % 3));  // repeated, stepping back
    still += time + ",5\n";
    missing += time + ",\n";
    edges += time + (i % 2 == 0 ? ",1e308,5e-324\n" : ",-1e308,0\n");
  }
  for (const std::string& csv : {wide + "\n", still, missing, edges, std::string("time,a\n1,2\n"),
                                 std::string("time,a\n")}) {
    const CtlRun run = Run(csv, {"--train-rows", "55"});
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.out.find("nan"), std::string::npos);
    EXPECT_EQ(run.out.find("inf"), std::string::npos);
  }
  EXPECT_THAT(Run(missing, {"--train-rows", "55"}).out, HasSubstr(",,,unknown,coverage,"));
  EXPECT_THAT(Run(still, {"--train-rows", "55"}).err, HasSubstr("No model: no feature varies"));
}

TEST_F(BacktestCommand, DoesNotWriteOverWhatItReads) {
  const std::string file = folder_ + "/own.csv";
  std::ofstream(file) << Csv(60);
  EXPECT_EQ(CtlRun({"backtest", "--csv", file, "--out", folder_ + "/./own.csv"}).code, 2);
  std::ifstream in(file);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), Csv(60));
  EXPECT_THAT(CtlRun({"backtest", "--csv", folder_, "--out", "-"}).err, HasSubstr("a folder"));
}

TEST_F(BacktestCommand, TheForestIsMeasured) {
  const std::string file = folder_ + "/forest.csv";
  std::ofstream(file) << "a,b\n1,2\n3,4\n5,7\n2,2\n";
  const auto figures =
      nlohmann::json::parse(CtlRun({"bench-forest", file, "--train-rows", "3", "--json"}).out);
  EXPECT_EQ(figures["rows"], 4);
  EXPECT_GT(figures["model_bytes"], 100 * 12);
  for (const char* name : {"fit_s", "score_s", "score_one_s"})
    EXPECT_GT(figures[name], 0.0) << name;
  EXPECT_LT(figures["score_one_s"], figures["score_s"]);
  std::ofstream(file) << "a\n1\n";
  EXPECT_THAT(CtlRun({"bench-forest", file}).err, HasSubstr("at least two rows"));
}

}  // namespace
}  // namespace aiops
