// What can happen to a log, each with the lines that must come out, once: while the reader runs
// (its files stay open) and when it is started again before every look.
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>

#include "unit/collect/nginx_follower_harness.h"

namespace aiops {
namespace {

using Lines = FollowerHarness::Lines;

enum Mode { kRunning = 1, kRestarted = 2, kBoth = 3 };

struct Driver : FollowerHarness {
  explicit Driver(bool restarted) : restarts(restarted) {}
  void Look(Duration later = seconds(1)) {
    if (restarts) Restart();
    bool whole = Poll(later);
    for (int more = 0; !whole && more < 100; ++more) whole = Poll(milliseconds(0));
    EXPECT_TRUE(whole);
  }
  const bool restarts;
};

struct Counts {
  unsigned truncations = 0;
  unsigned files_lost = 0;
};

struct Expected {
  Lines lines;
  Counts running = {};
  std::optional<Counts> restarted = {};  // if they differ
};

struct Case {
  const char* name;
  Mode mode;
  std::function<void(Driver&)> play;
  Expected expected;
};

// More than a fingerprint.
const std::string kHead(1500, 'h');
const std::string kLong(100'000, 'x');

// Text that hardly compresses, so that half a file is half of its lines.
Lines Numbers(int from, int to) {
  Lines out;
  for (int i = from; i < to; ++i) out.push_back(std::to_string(i * 7919LL * 104729 % 1'000'003));
  return out;
}
std::string Text(const Lines& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}
Lines operator+(Lines a, const Lines& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Rename.

const Case kRename[] = {
    {"RenamedWhileAWriterHoldsTheOldFile",
     kBoth,
     [](Driver& d) {
       d.Append("1\n2\nthr");
       d.Rename("access.log", "access.log.1");
       d.Append("new1\n");
       d.Look();
       d.Append("ee\n4\n", "access.log.1");
       d.Append("new2\n");
       d.Look(seconds(50));
     },
     {{"1", "2", "new1", "three", "4", "new2"}}},
    {"TheNewFileIsEmptyForHours",
     kBoth,
     [](Driver& d) {
       d.Rename("access.log", "access.log.1");
       d.Append("");
       d.Look();
       d.Look(hours(5));
       d.Append("late\n", "access.log.1");
       d.Look();
     },
     {{"late"}}},
    {"NothingHasThePathForAWhile",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       d.Rename("access.log", "access.log.1");
       d.Look();
       d.Append("2\n", "access.log.1");
       d.Look();
       d.Append("3\n");
       d.Look();
     },
     {{"1", "2", "3"}}},
    {"SeveralRotationsByNumber",
     kBoth,
     [](Driver& d) {
       for (const char* to : {"access.log.3", "access.log.2", "access.log.1"}) {
         d.Append(std::string(to) + "\n");
         d.Rename("access.log", to);
       }
       d.Append("now\n");
       d.Look();
     },
     {{"access.log.3", "access.log.2", "access.log.1", "now"}}},
    {"SeveralRotationsByDate",
     kBoth,
     [](Driver& d) {
       for (const char* to : {"access.log-20261121", "access-20261122.log"}) {
         d.Append(std::string(to) + "\n");
         d.Rename("access.log", to);
       }
       d.Append("now\n");
       d.Look();
     },
     {{"access.log-20261121", "access-20261122.log", "now"}}},
    {"MoreRotationsThanFilesMayBeOpen",
     kBoth,
     [](Driver& d) {
       for (int i = 0; i < 300; ++i) {
         const std::string to = "access.log-" + std::to_string(20'260'000 + i);
         d.Append(std::to_string(i) + "\n");
         d.Rename("access.log", to);
         if (i % 3 > 0) d.Gzip(to);
       }
       d.Append("now\n");
       for (int i = 0; i < 6; ++i) d.Look(minutes(2));
     },
     {[] {
       Lines all;
       for (int i = 0; i < 300; ++i) all.push_back(std::to_string(i));
       return all + Lines{"now"};
     }()}},
    {"ASymlinkPointsToAnotherFile",
     kBoth,
     [](Driver& d) {
       d.Rename("access.log", "a");
       d.Append("1\n", "a");
       d.Append("2\n", "b");
       std::filesystem::create_symlink(d.folder.Path("a"), d.folder.Path());
       d.Look();
       d.Remove("access.log");
       std::filesystem::create_symlink(d.folder.Path("b"), d.folder.Path());
       d.Look();
     },
     {{"1", "2"}, {0, 0}, Counts{0, 1}}},
    {"TwoFilesBeginAlike",
     kBoth,
     [](Driver& d) {
       d.Append(kHead + "\n1\n");
       d.Look();
       d.Append("2\n");
       d.Rename("access.log", "access.log.1");
       d.Append(kHead + "\n3\n4\n5\n");
       d.Look();
     },
     {{kHead, "1", "2", kHead, "3", "4", "5"}}},
};

// Compression.

const Case kGzip[] = {
    {"RotatedAndCompressedWhenHalfRead",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       d.Look();
       d.Append("2\n");
       d.Rename("access.log", "access.log.1");
       d.Gzip("access.log.1");
       d.Append("3\n");
       d.Look();
     },
     {{"1", "2", "3"}}},
    {"SeveralRotationsCompressedButTheLast",
     kBoth,
     [](Driver& d) {
       for (const char* to : {"access.log.3", "access.log.2", "access.log.1"}) {
         d.Append(std::string(to) + "\n");
         d.Rename("access.log", to);
         if (to != std::string("access.log.1")) d.Gzip(to);
       }
       d.Append("now\n");
       d.Look();
     },
     {{"access.log.3", "access.log.2", "access.log.1", "now"}}},
    {"CompressedFilesBeginAlike",
     kBoth,
     [](Driver& d) {
       d.Append(kHead + "\n1\n");
       d.Look();
       d.Append("2\n");
       for (const char* to : {"access.log-20261121", "access.log-20261122"}) {
         d.Rename("access.log", to);
         d.now += seconds(2);
         d.Gzip(to);
         d.Append(kHead + "\n" + to + "\n");
       }
       d.Look();
     },
     {{kHead, "1", "2", kHead, "access.log-20261121", kHead, "access.log-20261122"}}},
    {"CompressionIsUnderWay",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       d.Rename("access.log", "access.log.1");
       d.Append(Gzipped("0\n1\n").substr(0, 12), "access.log.1.gz");
       d.Append("2\n");
       d.Look();
       d.Remove("access.log.1.gz");
       d.Gzip("access.log.1");
       d.Append("3\n");
       d.Look();
       d.Look(minutes(2));
     },
     {{"1", "2", "3"}}},
    {"TwoMembersAndPadding",
     kBoth,
     [](Driver& d) {
       d.Rename("access.log", "access.log.2");
       d.Gzip("access.log.2");
       d.Append(Gzipped("1\n2") + Gzipped("\n3\n") + std::string(700, '\0'), "access.log.1.gz");
       d.Append("now\n");
       d.Look();
     },
     {{"1", "2", "3", "now"}}},
    {"CutOff",
     kBoth,
     [](Driver& d) {
       d.Append(Text(Numbers(0, 20'000)));
       d.Look();
       d.Rename("access.log", "access.log.2");
       d.Append(Text(Numbers(0, 20'000)), "x");
       const std::string all = Gzipped(d.Text("x"));
       d.Append(all.substr(0, all.size() - 8), "access.log.1.gz");  // all but the checksum
       d.Append("now\n");
       d.Look();
     },
     {Numbers(0, 20'000) + Numbers(0, 20'000) + Lines{"now"}, {0, 1}}},
    {"DamagedInItsMiddle",
     kBoth,
     [](Driver& d) {
       std::string second = Gzipped("2\n");
       second[second.size() - 6] ^= 1;  // the checksum
       d.Rename("access.log", "access.log.2");
       d.Append(Gzipped("1\n") + second + Gzipped("3\n"), "access.log.1.gz");
       d.Append("now\n");
       d.Look();
     },
     {{"1", "2", "now"}, {0, 1}}},
    {"DamagedBeforeWhereWeWere",
     kRestarted,
     [](Driver& d) {
       d.Append(Text(Numbers(0, 20'000)));
       d.Look();
       d.Append("2\n");
       const std::string all = Gzipped(d.Text("access.log"));
       d.Remove("access.log");
       d.Append(all.substr(0, all.size() / 2), "access.log.1.gz");
       d.Append("now\n");
       d.Look();
     },
     {Numbers(0, 20'000) + Lines{"now"}, {0, 1}}},
    {"NoGzipAtAll",
     kRestarted,
     [](Driver& d) {
       d.Append("1\n");
       d.Rename("access.log", "access.log.2.gz");
       d.Append("2\n", "access.log.1");
       d.Append("3\n");
       d.Look();
     },
     {{"2", "3"}, {0, 1}}},
    {"EmptyGzip",
     kBoth,
     [](Driver& d) {
       d.Rename("access.log", "access.log.2");
       d.Append("", "access.log.1.gz");
       d.Append("now\n");
       d.Look();
     },
     {{"now"}, {0, 1}}},
    {"AnotherCompression",
     kBoth,
     [](Driver& d) {
       d.Rename("access.log", "access.log.2");
       d.Append("?", "access.log.1.xz");
       d.Append("now\n");
       d.Look();
     },
     {{"now"}, {0, 1}}},
};

// Truncation.

Case CopyTruncated(const char* name, const std::string& refill, bool compressed) {
  Lines lines{"unseen"};
  if (!refill.empty()) lines.push_back(refill.substr(0, refill.size() - 1));
  lines.emplace_back("later");
  return {name,
          kBoth,
          [=](Driver& d) {
            d.Append("unseen\n");
            d.CopyTruncate("access.log.1");
            if (compressed) d.Gzip("access.log.1");
            d.Append(refill);
            d.Look();
            d.Append("later\n");
            d.Look();
          },
          {lines, {1, 0}}};
}

const Case kTruncation[] = {
    CopyTruncated("CopyTruncatedAndEmpty", "", false),
    CopyTruncated("CopyTruncatedAndShorter", "n\n", false),
    CopyTruncated("CopyTruncatedAndLonger", kLong.substr(0, 5000) + "\n", false),
    CopyTruncated("CopyTruncatedAndCompressed", "n\n", true),
    {"LinesBetweenCopyAndTruncation",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       d.Copy("access.log.1");
       d.Append("in no file that stays\n");
       d.Resize(0);
       d.Append("2\n");
       d.Look();
     },
     {{"1", "2"}, {1, 0}}},
    {"CopyTruncatedTwice",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       d.CopyTruncate("access.log.2");
       d.Gzip("access.log.2");
       d.Append("2\n");
       d.CopyTruncate("access.log.1");
       d.Append("3\n");
       d.Look();
     },
     {{"1", "2", "3"}, {1, 0}}},
    {"CopyTruncatedThenRenamed",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       d.CopyTruncate("access.log.2");
       d.Append("2\n");
       d.Rename("access.log", "access.log.1");
       d.Gzip("access.log.1");
       d.Append("3\n");
       d.Look();
     },
     {{"1", "2", "3"}, {1, 0}, Counts{0, 0}}},
    {"TruncatedWithoutACopy",
     kBoth,
     [](Driver& d) {
       d.Append("part");
       d.Look();
       d.Resize(0);
       d.Append("2\n");
       d.Look();
     },
     {{"2"}, {1, 0}, Counts{1, 1}}},
    {"RefilledBeyondTheOffset",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       d.Look();
       d.Resize(0);
       d.Append("a longer beginning\n2\n");
       d.Look();
     },
     {{"1", "a longer beginning", "2"}, {1, 0}, Counts{1, 1}}},
    {"RefilledBeyondTheOffsetWithTheSameBeginning",
     kBoth,
     [](Driver& d) {
       d.Append(kHead + "\n" + kHead + "\n1\n");
       d.Look();
       d.Resize(0);
       d.Append(kHead + "\n" + kHead + "\n2\n3\n");
       d.Look();
     },
     {{kHead, kHead, "1", kHead, kHead, "2", "3"}, {1, 0}, Counts{1, 1}}},
    {"CopyTruncatedAndRefilledWithTheSameBeginning",
     kBoth,
     [](Driver& d) {
       d.Append(kHead + "\n" + kHead + "\n1\n");
       d.Look();
       d.Append("2\n");
       d.CopyTruncate("access.log.1");
       d.Append(kHead + "\n3\n");
       d.Look();
     },
     {{kHead, kHead, "1", "2", kHead, "3"}, {1, 0}}},
    {"MerelyCut",
     kBoth,
     [](Driver& d) {
       d.Append(kHead + "\ngone\n");
       d.Look();
       d.Resize(std::filesystem::file_size(d.folder.Path()) - 5);
       d.Look();
       d.Append("2\n");
       d.Look();
     },
     {{kHead, "gone", "2"}, {1, 0}, Counts{1, 1}}},
};

// The folder and the path.

const Case kPath[] = {
    {"TheFolderIsMadeAnew",
     kBoth,
     [](Driver& d) {
       d.Remove("");
       std::filesystem::create_directory(d.folder.Path(""));
       d.Look();
       d.Append("1\n");
       d.Look();
     },
     {{"1"}, {0, 0}, Counts{0, 1}}},
    {"TheFolderComesBack",
     kRestarted,
     [](Driver& d) {
       const std::string folder = d.folder.Path("").substr(0, d.folder.Path("").size() - 1);
       d.Append("1\n");
       std::filesystem::rename(folder, folder + ".unmounted");
       d.Look();
       d.Look();
       std::filesystem::rename(folder + ".unmounted", folder);
       d.Append("2\n");
       d.Look();
     },
     {{"1", "2"}}},
    {"UnreadableThenReadable",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       ::chmod(d.folder.Path("").c_str(), 0755);
       ::chmod(d.folder.Path().c_str(), 0);
       const uid_t me = ::geteuid();
       ASSERT_TRUE(me != 0 || ::seteuid(65534) == 0);
       d.Look();
       ASSERT_TRUE(me != 0 || ::seteuid(0) == 0);
       ::chmod(d.folder.Path().c_str(), 0600);
       d.Append("2\n");
       d.Look();
     },
     {{"1", "2"}}},
    {"AFifoForAWhile",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       d.Rename("access.log", "access.log.1");
       ASSERT_EQ(::mkfifo(d.folder.Path().c_str(), 0600), 0);
       d.Look();
       EXPECT_EQ(d.follower->error()->kind, ErrorKind::kInvalidArgument);
       d.Remove("access.log");
       d.Append("2\n");
       d.Look();
     },
     {{"1", "2"}}},
};

// Lines.

const Case kLines[] = {
    {"FinishedAMinuteLater",
     kBoth,
     [](Driver& d) {
       d.Append("1\ntw");
       d.Look();
       d.Look(minutes(1));
       d.Append("o\n");
       d.Look();
     },
     {{"1", "two"}}},
    {"NeverFinished",
     kRunning,
     [](Driver& d) {
       d.Append("1\ntw");
       d.Look();
       d.Rename("access.log", "access.log.1");
       d.Append("new\n");
       d.Look();
       d.Look(minutes(2));
     },
     {{"1", "new", "unfinished"}}},
    {"OfAHundredKilobytesAndAMegabyte",
     kBoth,
     [](Driver& d) {
       d.Append(kLong);
       d.Look();
       d.Append("x\n" + std::string(1'000'000, 'y') + "\nnext\n");
       d.Look();
     },
     {{"too_long", "too_long", "next"}}},
    {"AHoleUnderAWriterThatDoesNotAppend",
     kBoth,
     [](Driver& d) {
       d.Append("1\n");
       d.Look();
       d.Resize(0);
       d.Resize(5000);
       d.Append("2\n");
       d.Look();
     },
     {{"1", "2"}, {1, 0}, Counts{1, 1}}},
    {"ByteOrderMarkAndCarriageReturn",
     kBoth,
     [](Driver& d) {
       d.Append(
           "\xEF\xBB\xBF"
           "1\r\n\n");
       d.Look();
     },
     {{"1\r", ""}}},
};

std::string ShownLines(const Lines& lines) {
  std::string out;
  for (const auto& line : lines) out += line.substr(0, 40) + "|";
  return out.substr(0, 2000);
}

void Play(const Case& each, bool restarted) {
  SCOPED_TRACE(std::string(each.name) + (restarted ? ", started again before every look" : ""));
  Driver d(restarted);
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
  const Counts counts =
      restarted ? each.expected.restarted.value_or(each.expected.running) : each.expected.running;
  EXPECT_EQ(counters.truncations - before.truncations, counts.truncations);
  EXPECT_EQ(counters.files_lost - before.files_lost, counts.files_lost);
}

class NginxCases : public ::testing::TestWithParam<Case> {};

TEST_P(NginxCases, DeliversEachLineOnce) {
  if (GetParam().mode & kRunning) Play(GetParam(), false);
  if (GetParam().mode & kRestarted) Play(GetParam(), true);
}

std::string NameOf(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Rename, NginxCases, ::testing::ValuesIn(kRename), NameOf);
INSTANTIATE_TEST_SUITE_P(Gzip, NginxCases, ::testing::ValuesIn(kGzip), NameOf);
INSTANTIATE_TEST_SUITE_P(Truncation, NginxCases, ::testing::ValuesIn(kTruncation), NameOf);
INSTANTIATE_TEST_SUITE_P(Path, NginxCases, ::testing::ValuesIn(kPath), NameOf);
INSTANTIATE_TEST_SUITE_P(Line, NginxCases, ::testing::ValuesIn(kLines), NameOf);

}  // namespace
}  // namespace aiops
