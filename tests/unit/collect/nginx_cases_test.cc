// What can happen to a log, each with the lines that must come out, once.
#include "unit/collect/nginx_cases.h"

#include <unistd.h>

namespace aiops {
namespace {

const std::string kLong(100'000, 'x');

// Rename.

const LogCase kRename[] = {
    {"RenamedWhileAWriterHoldsTheOldFile",
     kBoth,
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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
     [](LogDriver& d) {
       d.Rename("access.log", "a");
       d.Append("1\n", "a");
       d.Append("2\n", "b");
       std::filesystem::create_symlink(d.folder.Path("a"), d.folder.Path());
       d.Look();
       d.Remove("access.log");
       std::filesystem::create_symlink(d.folder.Path("b"), d.folder.Path());
       d.Look();
     },
     {{"1", "2"}, {0, 0}, LogCounts{0, 1}}},
    {"DeletedWhenItWasQuietThenMadeAnewAndRotated",
     kBoth,
     [](LogDriver& d) {
       const std::ifstream held(d.folder.Path());  // else a new file may get its inode
       d.Remove("access.log");
       d.Look(minutes(2));
       d.Append("1\n");
       d.Rename("access.log", "access.log.1");
       d.Append("2\n");
       d.Look();
     },
     {{"1", "2"}, {0, 0}, LogCounts{0, 1}}},
    {"TwoFilesBeginAlike",
     kBoth,
     [](LogDriver& d) {
       d.Append(kHead + "\n1\n");
       d.Look();
       d.Append("2\n");
       d.Rename("access.log", "access.log.1");
       d.Append(kHead + "\n3\n4\n5\n");
       d.Look();
     },
     {{kHead, "1", "2", kHead, "3", "4", "5"}}},
};

// Truncation.

LogCase CopyTruncated(const char* name, const std::string& refill, bool compressed) {
  Lines lines{"unseen"};
  if (!refill.empty()) lines.push_back(refill.substr(0, refill.size() - 1));
  lines.emplace_back("later");
  return {name,
          kBoth,
          [=](LogDriver& d) {
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

const LogCase kTruncation[] = {
    CopyTruncated("CopyTruncatedAndEmpty", "", false),
    CopyTruncated("CopyTruncatedAndShorter", "n\n", false),
    CopyTruncated("CopyTruncatedAndLonger", kLong.substr(0, 5000) + "\n", false),
    CopyTruncated("CopyTruncatedAndCompressed", "n\n", true),
    {"LinesBetweenCopyAndTruncation",
     kBoth,
     [](LogDriver& d) {
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
     [](LogDriver& d) {
       d.Append("1\n");
       d.CopyTruncate("access.log.2");
       d.Gzip("access.log.2");
       d.Append("2\n");
       d.CopyTruncate("access.log.1");
       d.Append("3\n");
       d.Look();
     },
     {{"1", "2", "3"}, {1, 0}}},
    {"CopiedAgainBeforeTheTruncationWasSeen",
     kBoth,
     [](LogDriver& d) {
       d.Append("1\n");
       d.CopyTruncate("access.log.2");
       d.Append("2\n3\n");
       d.Copy("access.log.1");
       d.Look();
       d.Resize(0);
       d.Append("4\n");
       d.Look();
     },
     {{"1", "2", "3", "4"}, {2, 0}}},
    {"RenamedThenCopiedAndNotTruncatedYet",
     kBoth,
     [](LogDriver& d) {
       d.Rename("access.log", "access.log.2");
       d.Append("1\n");
       d.Copy("access.log.1");
       d.Look();
       d.Resize(0);
       d.Append("2\n");
       d.Look();
     },
     {{"1", "2"}, {1, 0}}},
    {"CopiedWhenNothingWasReadAndNotTruncatedYet",
     kBoth,
     [](LogDriver& d) {
       d.Rename("access.log", "access.log.2");
       d.Append("");
       d.Look();
       d.Append("1\n");
       d.Copy("access.log.1");
       d.Look();
       d.Append("2\n");
       d.Look();
     },
     {{"1", "2"}}},
    {"ACopyIsFoundWhileItIsStillEmpty",
     kBoth,
     [](LogDriver& d) {
       d.Append("1\n");
       d.Rename("access.log", "access.log.2");
       d.Append("2\n3\n");
       d.Append("", "access.log.1");
       d.Look();
       d.Append("2\n", "access.log.1");
       d.Look();
       d.Append("3\n", "access.log.1");
       d.Look();
       d.Resize(0);
       d.Append("4\n");
       d.Look();
     },
     {{"1", "2", "3", "4"}, {1, 0}}},
    {"ACopyIsFoundEmptyAndCompleteAtTheNextLook",
     kBoth,
     [](LogDriver& d) {
       d.Append("1\n");
       d.Rename("access.log", "access.log.2");
       d.Append("2\n");
       d.Append("", "access.log.1");
       d.Look();
       d.Append("3\n");
       d.Append("2\n3\n", "access.log.1");
       d.Resize(0);
       d.Append("4\n");
       d.Look();
     },
     {{"1", "2", "3", "4"}, {1, 0}}},
    {"CopyTruncatedThenRenamed",
     kBoth,
     [](LogDriver& d) {
       d.Append("1\n");
       d.CopyTruncate("access.log.2");
       d.Append("2\n");
       d.Rename("access.log", "access.log.1");
       d.Gzip("access.log.1");
       d.Append("3\n");
       d.Look();
     },
     {{"1", "2", "3"}, {1, 0}, LogCounts{0, 0}}},
    {"TruncatedWithoutACopy",
     kBoth,
     [](LogDriver& d) {
       d.Append("part");
       d.Look();
       d.Resize(0);
       d.Append("2\n");
       d.Look();
     },
     {{"2"}, {1, 0}, LogCounts{1, 1}}},
    {"RefilledBeyondTheOffset",
     kBoth,
     [](LogDriver& d) {
       d.Append("1\n");
       d.Look();
       d.Resize(0);
       d.Append("a longer beginning\n2\n");
       d.Look();
     },
     {{"1", "a longer beginning", "2"}, {1, 0}, LogCounts{1, 1}}},
    {"RefilledBeyondTheOffsetWithTheSameBeginning",
     kBoth,
     [](LogDriver& d) {
       d.Append(kHead + "\n" + kHead + "\n1\n");
       d.Look();
       d.Resize(0);
       d.Append(kHead + "\n" + kHead + "\n2\n3\n");
       d.Look();
     },
     {{kHead, kHead, "1", kHead, kHead, "2", "3"}, {1, 0}, LogCounts{1, 1}}},
    {"CopyTruncatedAndRefilledWithTheSameBeginning",
     kBoth,
     [](LogDriver& d) {
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
     [](LogDriver& d) {
       d.Append(kHead + "\ngone\n");
       d.Look();
       d.Resize(std::filesystem::file_size(d.folder.Path()) - 5);
       d.Look();
       d.Append("2\n");
       d.Look();
     },
     {{kHead, "gone", "2"}, {1, 0}, LogCounts{1, 1}}},
};

// The folder and the path.

const LogCase kPath[] = {
    {"TheFolderIsMadeAnew",
     kBoth,
     [](LogDriver& d) {
       const std::ifstream held(d.folder.Path());  // else the new file may get its inode: truncated
       d.Remove("");
       std::filesystem::create_directory(d.folder.Path(""));
       d.Look();
       d.Append("1\n");
       d.Look();
     },
     {{"1"}, {0, 0}, LogCounts{0, 1}}},
    {"TheFolderComesBack",
     kRestarted,
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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

const LogCase kLines[] = {
    {"FinishedAMinuteLater",
     kBoth,
     [](LogDriver& d) {
       d.Append("1\ntw");
       d.Look();
       d.Look(minutes(1));
       d.Append("o\n");
       d.Look();
     },
     {{"1", "two"}}},
    {"NeverFinished",
     kRunning,
     [](LogDriver& d) {
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
     [](LogDriver& d) {
       d.Append(kLong);
       d.Look();
       d.Append("x\n" + std::string(1'000'000, 'y') + "\nnext\n");
       d.Look();
     },
     {{"too_long", "too_long", "next"}}},
    {"AHoleUnderAWriterThatDoesNotAppend",
     kBoth,
     [](LogDriver& d) {
       d.Append("1\n");
       d.Look();
       d.Resize(0);
       d.Resize(5000);
       d.Append("2\n");
       d.Look();
     },
     {{"1", "2"}, {1, 0}, LogCounts{1, 1}}},
    {"ByteOrderMarkAndCarriageReturn",
     kBoth,
     [](LogDriver& d) {
       d.Append(
           "\xEF\xBB\xBF"
           "1\r\n\n");
       d.Look();
     },
     {{"1\r", ""}}},
};

class NginxCases : public ::testing::TestWithParam<LogCase> {};

TEST_P(NginxCases, DeliversEachLineOnce) { PlayInItsModes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Rename, NginxCases, ::testing::ValuesIn(kRename), NameOf);
INSTANTIATE_TEST_SUITE_P(Truncation, NginxCases, ::testing::ValuesIn(kTruncation), NameOf);
INSTANTIATE_TEST_SUITE_P(Path, NginxCases, ::testing::ValuesIn(kPath), NameOf);
INSTANTIATE_TEST_SUITE_P(Line, NginxCases, ::testing::ValuesIn(kLines), NameOf);

}  // namespace
}  // namespace aiops
