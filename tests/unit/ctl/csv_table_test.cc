#include "ctl/csv_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace aiops {
namespace {

Result<CsvTable> Read(const std::string& text, const CsvOptions& options = {}) {
  std::istringstream in(text);
  return ReadCsv(in, "f.csv", options);
}

std::string ErrorOf(const std::string& text, const CsvOptions& options = {}) {
  const auto table = Read(text, options);
  return table ? "" : table.error().message;
}

TEST(ReadCsv, TakesTimesNumbersAndWhatIsMissing) {
  const auto table = Read(
      "time,cpu,\"a, b\"\r\n"
      "2026-11-01T00:00:00Z,1.5,2\r\n"
      "\r\n"
      "1793491260,,NaN\n"
      "1793491260.5, +3 ,\"-4e2\"\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->features, (std::vector<std::string>{"cpu", "a, b"}));
  ASSERT_EQ(table->rows(), 3u);
  EXPECT_EQ(table->times[0] + minutes(1), table->times[1]);
  EXPECT_EQ(table->times[1] + milliseconds(500), table->times[2]);
  EXPECT_EQ(table->values[0], 1.5);
  EXPECT_TRUE(std::isnan(table->values[2]));
  EXPECT_TRUE(std::isnan(table->values[3]));
  EXPECT_EQ(table->values[4], 3);
  EXPECT_EQ(table->values[5], -400);
}

TEST(ReadCsv, TakesPlainTimesAsUtc) {
  const auto table = Read("time,x\n2013-07-04 00:30:00,1\n2013-07-04T00:30:00Z,2\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->times[0], table->times[1]);
  EXPECT_NE(ErrorOf("time,x\n2013-07-04 noon,1\n"), "");
  EXPECT_NE(ErrorOf("time,x\n2013-07-04 ,1\n"), "");
}

TEST(ReadCsv, TakesTheColumnsThatWereAskedForInTheirOrder) {
  const auto table =
      Read("c,when,b,a\n3,60,2,1\n", {.time_column = "when", .features = {"a", "c"}});
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->features, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(table->values, (std::vector<double>{1, 3}));
}

TEST(ReadCsv, NumbersAtTheEdgesOfDouble) {
  const auto table = Read("time,x\n1,1e308\n2,5e-324\n3,1e999\n4,1e-999\n5,inf\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->values[0], 1e308);
  EXPECT_EQ(table->values[1], 5e-324);
  EXPECT_TRUE(std::isnan(table->values[2]));
  EXPECT_EQ(table->values[3], 0);
  EXPECT_TRUE(std::isnan(table->values[4]));
}

TEST(ReadCsv, QuotesMayHoldLinesAndQuotes) {
  const auto table = Read("time,\"a\nb\"\"c\"\n1,2\n3,4x\n");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message, "f.csv:4: column 'a b\"c': '4x' is no number");
}

TEST(ReadCsv, NamesLineAndColumnOfWhatIsBroken) {
  EXPECT_EQ(ErrorOf("time,x\n1,2\n1,abc\n"), "f.csv:3: column 'x': 'abc' is no number");
  EXPECT_EQ(ErrorOf("time,x\n1,2\n,2\n"),
            "f.csv:3: column 'time': '' is neither a time (RFC 3339, or 2013-07-04 00:00:00) nor "
            "seconds since 1970");
  EXPECT_EQ(ErrorOf("time,x\n1e300,2\n"),
            "f.csv:2: column 'time': '1e300' is neither a time (RFC 3339, or 2013-07-04 00:00:00) "
            "nor seconds since 1970");
  EXPECT_EQ(ErrorOf("time,x\n1\n"), "f.csv:2: 1 fields, but the header has 2");
  EXPECT_EQ(ErrorOf("time,x\n1,\"2\n"), "f.csv:2: a quote without its end");
  EXPECT_EQ(ErrorOf("time,x\n1,2\n" + std::string((1 << 20) + 1, '9')),
            "f.csv:3: the line is longer than a mebibyte: no CSV file");
  EXPECT_EQ(ErrorOf(""), "f.csv:0: the file is empty; the first line must name the columns");
  EXPECT_EQ(ErrorOf("t,x\n1,2\n"), "f.csv:1: there is no column 'time', but 't', 'x'");
  EXPECT_EQ(ErrorOf("time,x,x\n1,2,3\n"), "f.csv:1: there are two columns 'x'");
  EXPECT_EQ(ErrorOf("time\n1\n"), "f.csv:1: there is no column beside the time");
}

TEST(CsvField, IsQuotedWhereItMustBe) {
  EXPECT_EQ(CsvField("cpu"), "cpu");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("say \"x\""), "\"say \"\"x\"\"\"");
}

TEST(ReadCsv, LinesMayEndWithCrLfBehindAFieldOfSeveralLines) {
  const auto table = Read("time,\"a\r\nb\"\r\n1,5\r\n2,1E-400\r\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->features.size(), 1u);
  EXPECT_EQ(table->values, (std::vector<double>{5, 0}));
}

}  // namespace
}  // namespace aiops
