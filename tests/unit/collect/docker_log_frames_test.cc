#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/docker/log_frames.h"
#include "unit/collect/nginx_log_engine.h"

namespace aiops::docker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Seen {
  std::vector<std::string> frames;  // "stream:text"
  bool cut = false;
  Result<void> end;
};

// In pieces of `step` bytes.
Seen Read(const std::string& body, size_t step, bool tty = false) {
  Seen seen;
  LogFrames frames(tty);
  for (size_t at = 0; at < body.size() && seen.end; at += step) {
    seen.end = frames.Feed(std::string_view(body).substr(at, step), [&](const LogFrame& frame) {
      seen.frames.push_back(std::to_string(static_cast<int>(frame.stream)) + ":" +
                            std::string(frame.text));
      seen.cut = seen.cut || frame.cut;
    });
  }
  return seen;
}

TEST(DockerLogFrames, AreTheSameInPiecesOfAnySize) {
  const std::string body = LogFrameOf("one\n") + LogFrameOf("", 1) + LogFrameOf("two\n", 2) +
                           LogFrameOf(std::string(300, 'x')) + LogFrameOf("oops", 3);
  for (size_t step = 1; step <= body.size(); ++step) {
    const Seen seen = Read(body, step);
    EXPECT_TRUE(seen.end);
    EXPECT_THAT(seen.frames,
                ElementsAre("1:one\n", "2:two\n", "1:" + std::string(300, 'x'), "3:oops"))
        << step;
  }
}

TEST(DockerLogFrames, HalfAFrameIsNone) {
  const std::string body = LogFrameOf("one\n") + LogFrameOf("two\n");
  for (size_t left_out = 1; left_out < 12; ++left_out)
    EXPECT_THAT(Read(body.substr(0, body.size() - left_out), 5).frames, ElementsAre("1:one\n"));
}

TEST(DockerLogFrames, AHeadThatIsNoneIsCorruption) {
  for (const std::string bad : {"{\"message\":\"x\"}", "\x04....", "\x01..."}) {
    const Seen seen = Read(bad, 1);
    ASSERT_FALSE(seen.end) << bad;
    EXPECT_EQ(seen.end.error().kind, ErrorKind::kCorruption);
    EXPECT_THAT(seen.frames, IsEmpty());
  }
  for (size_t at = 1; at <= 3; ++at) {
    std::string head = LogFrameOf("text");
    head[at] = 1;
    EXPECT_FALSE(Read(head, 3).end) << at;
  }
}

TEST(DockerLogFrames, OfALengthThatNobodyCanHoldOnlyTheBeginningIsKept) {
  std::string head = LogFrameOf("");
  head[4] = head[5] = head[6] = head[7] = '\xff';
  LogFrames frames(false);
  const std::string megabyte(1 << 20, 'x');
  ASSERT_TRUE(frames.Feed(head, [](const LogFrame&) { FAIL(); }));
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(frames.Feed(megabyte, [](const LogFrame&) { FAIL(); }));

  const Seen seen = Read(LogFrameOf(megabyte) + LogFrameOf("next\n"), 1000);
  ASSERT_THAT(seen.frames, SizeIs(2));
  EXPECT_TRUE(seen.cut);
  EXPECT_EQ(seen.frames[0].size(), LogFrames::kMaxFrameBytes + 2);
  EXPECT_EQ(seen.frames[1], "1:next\n");
}

TEST(DockerLogFrames, WithATtyEveryLineIsOne) {
  for (const size_t step : {1, 2, 7, 100})
    EXPECT_THAT(Read("one\r\n\ntwo\nhalf", step, true).frames,
                ElementsAre("1:one\r\n", "1:\n", "1:two\n"));
  std::string long_line(300'000, 'x');
  const Seen seen = Read(long_line.append("\nnext\n"), 1000, true);
  EXPECT_TRUE(seen.cut);
  EXPECT_THAT(seen.frames, SizeIs(2));
}

}  // namespace
}  // namespace aiops::docker
