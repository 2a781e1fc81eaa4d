// What a table of cases says of a log, and how each is played: while the reader runs (its files
// stay open) and when it is started again before every look.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>

#include "unit/collect/nginx_follower_harness.h"

namespace aiops {

using Lines = FollowerHarness::Lines;

enum LogMode { kRunning = 1, kRestarted = 2, kBoth = 3 };

struct LogDriver : FollowerHarness {
  explicit LogDriver(bool restarted) : restarts(restarted) {}
  void Look(Duration later = seconds(1)) {
    if (restarts) Restart();
    bool whole = Poll(later);
    for (int more = 0; !whole && more < 100; ++more) whole = Poll(milliseconds(0));
    EXPECT_TRUE(whole);
  }
  const bool restarts;
};

struct LogCounts {
  unsigned truncations = 0;
  unsigned files_lost = 0;
};

struct LogOutcome {
  Lines lines;
  LogCounts running = {};
  std::optional<LogCounts> restarted = {};  // if they differ
};

struct LogCase {
  const char* name;
  LogMode mode;
  std::function<void(LogDriver&)> play;
  LogOutcome expected;
};

// More than a fingerprint.
inline const std::string kHead(1500, 'h');

inline Lines operator+(Lines a, const Lines& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline std::string ShownLines(const Lines& lines) {
  std::string out;
  for (const auto& line : lines) out += line.substr(0, 40) + "|";
  return out.substr(0, 2000);
}

inline void Play(const LogCase& each, bool restarted) {
  SCOPED_TRACE(std::string(each.name) + (restarted ? ", started again before every look" : ""));
  LogDriver d(restarted);
  d.Start();
  d.Append("the first line\n");
  d.Poll();
  const auto before = d.Counters();
  each.play(d);
  EXPECT_EQ(d.follower->error().has_value(), false);
  Lines expected = each.expected.lines;
  expected.insert(expected.begin(), "the first line");
  EXPECT_TRUE(d.lines == expected) << ShownLines(d.lines) << "\nexpected\n" << ShownLines(expected);
  const auto counters = d.Counters();
  const LogCounts counts =
      restarted ? each.expected.restarted.value_or(each.expected.running) : each.expected.running;
  EXPECT_EQ(counters.truncations - before.truncations, counts.truncations);
  EXPECT_EQ(counters.files_lost - before.files_lost, counts.files_lost);
}

inline void PlayInItsModes(const LogCase& each) {
  if (each.mode & kRunning) Play(each, false);
  if (each.mode & kRestarted) Play(each, true);
}

inline std::string NameOf(const ::testing::TestParamInfo<LogCase>& info) { return info.param.name; }

}  // namespace aiops
