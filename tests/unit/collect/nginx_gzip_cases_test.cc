// What can happen to the compressed files of a log, each with the lines that must come out, once.
#include "unit/collect/nginx_cases.h"

namespace aiops {
namespace {

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
// Compression.

const LogCase kGzip[] = {
    {"RotatedAndCompressedWhenHalfRead",
     kBoth,
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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
    {"CompressedFilesBeginAlikeAndWereChangedAtTheSameTime",
     kBoth,
     [](LogDriver& d) {
       for (const char* to : {"access.log-20261121", "access.log-20261122"}) {
         d.Append(kHead + "\n" + to + "\n");
         d.Look();
         d.Append(std::string(to) + " goes on\n");
         d.Rename("access.log", to);
         d.Append("");
         d.Look();
       }
       d.Append("1\n");
       d.Append("late\n", "access.log-20261122");
       for (const char* each : {"access.log-20261121", "access.log-20261122"}) {
         d.Touch(each);
         d.Gzip(each);
       }
       d.Look();
     },
     {{kHead, "access.log-20261121", "access.log-20261121 goes on", kHead, "access.log-20261122",
       "access.log-20261122 goes on", "late", "1"}}},
    {"CompressionIsUnderWay",
     kBoth,
     [](LogDriver& d) {
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
     [](LogDriver& d) {
       d.Rename("access.log", "access.log.2");
       d.Gzip("access.log.2");
       d.Append(Gzipped("1\n2") + Gzipped("\n3\n") + std::string(700, '\0'), "access.log.1.gz");
       d.Append("now\n");
       d.Look();
     },
     {{"1", "2", "3", "now"}}},
    {"CutOff",
     kBoth,
     [](LogDriver& d) {
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
     [](LogDriver& d) {
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
     [](LogDriver& d) {
       d.Append(Text(Numbers(0, 20'000)));
       d.Look();
       d.Append("2\n");
       const std::string all = Gzipped(d.Text("access.log"));
       const std::ifstream held(d.folder.Path());  // else a new file may get its inode
       d.Remove("access.log");
       d.Append(all.substr(0, all.size() / 2), "access.log.1.gz");
       d.Append("now\n");
       d.Look();
     },
     {Numbers(0, 20'000) + Lines{"now"}, {0, 1}}},
    {"NoGzipAtAll",
     kRestarted,
     [](LogDriver& d) {
       d.Append("1\n");
       d.Rename("access.log", "access.log.2.gz");
       d.Append("2\n", "access.log.1");
       d.Append("3\n");
       d.Look();
     },
     {{"2", "3"}, {0, 1}}},
    {"EmptyGzip",
     kBoth,
     [](LogDriver& d) {
       d.Rename("access.log", "access.log.2");
       d.Append("", "access.log.1.gz");
       d.Append("now\n");
       d.Look();
     },
     {{"now"}, {0, 1}}},
    {"AnotherCompression",
     kBoth,
     [](LogDriver& d) {
       d.Rename("access.log", "access.log.2");
       d.Append("?", "access.log.1.xz");
       d.Append("now\n");
       d.Look();
     },
     {{"now"}, {0, 1}}},
};

class NginxGzipCases : public ::testing::TestWithParam<LogCase> {};

TEST_P(NginxGzipCases, DeliversEachLineOnce) { PlayInItsModes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Gzip, NginxGzipCases, ::testing::ValuesIn(kGzip), NameOf);

}  // namespace
}  // namespace aiops
