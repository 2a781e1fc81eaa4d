// Lines out of the frames of containers' logs. Recorded answers: testdata/docker/README.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "collect/nginx/line_parser.h"
#include "collect/nginx/stamped_lines.h"
#include "unit/collect/nginx_log_engine.h"

namespace aiops {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kAt = 1'700'000'040 * kNanos + 123'456'789;
const std::string kStamp = LogStamp(kAt);
const std::string kPart(16 * 1024, 'p');

// A line is its text, or the name of what is wrong with it.
std::vector<std::string> Lines(const std::vector<std::string>& frames, bool tty = false,
                               PartStyle style = PartStyle::kDocker) {
  std::vector<std::string> out;
  StampedLines lines(tty, style);
  for (const auto& frame : frames)
    lines.Add({docker::LogStream::kStdout, frame, false}, [&](const StampedLine& line) {
      out.push_back(line.fault == LineFault::kNone ? std::string(line.text)
                                                   : std::string(ToString(line.fault)));
    });
  return out;
}

TEST(NginxStampedLines, TheStampIsTakenOffToTheNanosecond) {
  const auto stamp = [](std::string_view text) { return TakeStamp(text); };
  std::string_view text = "2023-11-14T22:14:00.123456789Z GET / x";
  EXPECT_EQ(TakeStamp(text), kAt);
  EXPECT_EQ(text, "GET / x");
  EXPECT_EQ(stamp("2023-11-14T22:14:00Z "), 1'700'000'040 * kNanos);
  EXPECT_EQ(stamp("2023-11-14T23:14:00.1+01:00 x"), 1'700'000'040 * kNanos + 100'000'000);
  for (const auto bad : {"", " ", "2023-11-14T22:14:00Z", "192.0.2.1 - - [x]", "1700000040 x",
                         "1969-12-31T23:59:59Z x", "9999-01-01T00:00:00Z x"})
    EXPECT_EQ(stamp(bad), std::nullopt) << bad;
}

TEST(NginxStampedLines, PartsOfALineAreJoined) {
  const auto expected = ElementsAre(kPart + kPart + "end", "next");
  EXPECT_THAT(Lines({kStamp + kPart, kStamp + kPart, kStamp + "end\n", kStamp + "next\n"}),
              expected);
  // With Docker's driver `local` the last part has no newline.
  EXPECT_THAT(Lines({kStamp + kPart, kStamp + kPart, kStamp + "end", kStamp + "next\n"}), expected);
  const std::string later = LogStamp(kAt + 1);
  EXPECT_THAT(Lines({kStamp + kPart, later + "next\n"}), ElementsAre(kPart, "next"));
  EXPECT_THAT(Lines({kStamp + "short ", later + "parts\n"}, false, PartStyle::kPodman),
              ElementsAre("short parts"));
}

TEST(NginxStampedLines, WithATtyTheStampsWithinALineAreTakenOut) {
  EXPECT_THAT(
      Lines({kStamp + kPart + kStamp + kPart + kStamp + "end\r\n", kStamp + "next\r\n"}, true),
      ElementsAre(kPart + kPart + "end\r", "next\r"));
  EXPECT_THAT(Lines({kStamp + kPart + "no stamp\n"}, true), ElementsAre(kPart + "no stamp"));
}

TEST(NginxStampedLines, ALineThatHasNotEndedIsNotThere) {
  EXPECT_THAT(Lines({kStamp + kPart, kStamp + kPart}), IsEmpty());
}

TEST(NginxStampedLines, LinesThatAreTooLongAreOnlyNamed) {
  const std::vector<std::string> parts(5, kStamp + kPart);
  auto frames = parts;
  frames.push_back(kStamp + "end\n");
  frames.push_back(kStamp + "next\n");
  EXPECT_THAT(Lines(frames), ElementsAre("too_long", "next"));
  const std::string whole = kStamp + std::string(kMaxLineBytes + 1, 'x') + "\n";
  EXPECT_THAT(Lines({whole}, false, PartStyle::kPodman), ElementsAre("too_long"));
  EXPECT_THAT(Lines({whole}, true), ElementsAre("too_long"));
}

TEST(NginxStampedLines, WhatTheEngineSaysItselfIsNoLine) {
  StampedLines lines(false, PartStyle::kDocker);
  const auto none = [](const StampedLine&) { FAIL(); };
  lines.Add({docker::LogStream::kStderr, kStamp + "an error\n", false}, none);
  EXPECT_EQ(lines.complaint(), "");
  lines.Add({docker::LogStream::kEngine, "Error grabbing logs", false}, none);
  EXPECT_EQ(lines.complaint(), "Error grabbing logs");
  lines.Add({docker::LogStream::kStdout, "no time\n", false}, none);
  EXPECT_EQ(lines.complaint(), "no time\n");
}

// What tests/testdata/docker/logs-20.10/emit.sh printed: COUNT items, then one line of about 20,000
// or 40,000 bytes, one that is too long, and a last one.
void ExpectRecorded(const std::string& name, bool tty, size_t items) {
  std::ifstream file(std::string(AIOPS_TESTDATA) + "/docker/logs-20.10/" + name, std::ios::binary);
  ASSERT_TRUE(file) << name;
  const std::string body(std::istreambuf_iterator<char>(file), {});
  for (const size_t step : {size_t{1}, size_t{4096}, body.size()}) {
    StampedLines lines(tty, PartStyle::kDocker);
    docker::LogFrames frames(tty);
    std::vector<std::string> seen;
    const StampedLines::Sink sink = [&](const StampedLine& line) {
      seen.push_back(line.fault == LineFault::kNone ? std::string(line.text) : "too_long");
    };
    for (size_t at = 0; at < body.size(); at += step)
      ASSERT_TRUE(frames.Feed(std::string_view(body).substr(at, step),
                              [&](const auto& frame) { lines.Add(frame, sink); }));
    auto parser = *MakeLineParser("combined", {});
    std::vector<int> statuses;
    for (const auto& line : seen) {
      LogEntry entry;
      if (parser->Parse(line, entry) == LineFault::kNone) statuses.push_back(entry.status);
    }
    std::vector<int> expected(items, 200);
    expected.insert(expected.end(), {404, 500});
    EXPECT_EQ(statuses, expected) << name << " in steps of " << step;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), "too_long"), 1) << name;
    EXPECT_EQ(lines.complaint(), "");
  }
}

TEST(NginxStampedLines, ReadWhatDockerSaid) {
  ExpectRecorded("json-file.bin", false, 20);
  ExpectRecorded("local.bin", false, 5);
  ExpectRecorded("tty.bin", true, 5);
}

}  // namespace
}  // namespace aiops
