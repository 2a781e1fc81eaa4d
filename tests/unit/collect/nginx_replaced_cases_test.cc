// A log that gives its place to a copy of itself, and copies that last: each line must come out
// once.
#include "unit/collect/nginx_cases.h"

namespace aiops {
namespace {

std::string Numbers(int from, int to) {
  std::string out;
  for (int i = from; i < to; ++i) out += "line " + std::to_string(i) + "\n";
  return out;
}
Lines NumberedLines(int from, int to) {
  Lines out;
  for (int i = from; i < to; ++i) out.push_back("line " + std::to_string(i));
  return out;
}

// As `mv NEW access.log`.
void Replace(LogDriver& d, const std::string& text) {
  d.Append(text, "new");
  d.Rename("new", "access.log");
}

const LogCase kReplaced[] = {
    {"ByACopyThatGrows",
     kBoth,
     [](LogDriver& d) {
       d.Append(Numbers(0, 300));
       d.Look();
       Replace(d, d.Text("access.log"));
       d.Append(Numbers(300, 302));
       d.Look();
       d.Append(Numbers(302, 303));
       d.Look();
     },
     {NumberedLines(0, 303)}},
    {"ByAGrownCopyAgainAndAgain",
     kBoth,
     [](LogDriver& d) {
       for (int i = 0; i < 40; ++i) {
         Replace(d, d.Text("access.log") + Numbers(i, i + 1));
         if (i % 3 > 0) d.Look();
       }
       d.Look();
     },
     {NumberedLines(0, 40)}},
    {"ByACopyOfWhatWasNotReadYet",
     kBoth,
     [](LogDriver& d) {
       d.Append(Numbers(0, 300));
       Replace(d, d.Text("access.log") + Numbers(300, 302));
       d.Look();
     },
     {NumberedLines(0, 302)}},
    {"ByACopyAfterWhichTheOldOneWasWritten",
     kRunning,
     [](LogDriver& d) {
       d.Append(Numbers(0, 300));
       d.Look();
       const std::string copied = d.Text("access.log");
       d.Append("into the old one, read\n");
       d.Look();
       d.Append("into the old one\n");
       Replace(d, copied + Numbers(300, 302));
       d.Look();
     },
     {NumberedLines(0, 300) + Lines{"into the old one, read", "into the old one"} +
      NumberedLines(300, 302)}},
    {"ByOneInWhichALineWasChanged",
     kRunning,
     [](LogDriver& d) {
       d.Append(Numbers(0, 600));
       d.Look();
       std::string text = d.Text("access.log");
       text.replace(text.find("line 400"), 8, "somewhat longer");
       d.Append(Numbers(600, 601));
       Replace(d, text + Numbers(601, 603));
       d.Look();
     },
     {NumberedLines(0, 603)}},
    {"ByAnOlderCopyOfIt",
     kRunning,
     [](LogDriver& d) {
       d.Append(Numbers(0, 600));
       d.Look();
       Replace(d, "the first line\n" + Numbers(0, 300));
       d.Look();
       d.Look(minutes(2));
       d.Append("behind the older copy\n");
       d.Look();
     },
     {NumberedLines(0, 600) + Lines{"behind the older copy"}}},
    {"AndTheOldOneIsKept",
     kBoth,
     [](LogDriver& d) {
       d.Append(Numbers(0, 300));
       d.Look();
       d.Rename("access.log", "access.log.bak");
       Replace(d, d.Text("access.log.bak") + Numbers(300, 302));
       d.Look();
     },
     {NumberedLines(0, 302)}},
    {"ThenRotated",
     kBoth,
     [](LogDriver& d) {
       d.Append(Numbers(0, 300));
       d.Look();
       Replace(d, d.Text("access.log") + Numbers(300, 302));
       d.Look();
       d.Append(Numbers(302, 303));
       d.Rename("access.log", "access.log.1");
       d.Append("the first line\n");
       d.Look();
       d.Append(Numbers(303, 304));
       d.Look();
     },
     {NumberedLines(0, 303) + Lines{"the first line"} + NumberedLines(303, 304)}},
    {"BesideACopy",
     kBoth,
     [](LogDriver& d) {
       d.Append(Numbers(0, 300));
       d.Look();
       d.Copy("access.log.1");
       Replace(d, d.Text("access.log") + Numbers(300, 302));
       d.Look();
       d.Look(minutes(2));
       d.Append(Numbers(302, 303));
       d.Look();
     },
     {NumberedLines(0, 303)}},
};

// logrotate's renamecopy, with a copy that lasts longer than a look.
void RenameCopy(LogDriver& d, int line, bool log_at_once, const std::string& to = "access.log.1") {
  d.Append(Numbers(line, line + 1));
  d.Rename("access.log", "access.log.tmp");
  d.Append(Numbers(line + 1, line + 2), "access.log.tmp");
  if (log_at_once) d.Append(Numbers(line + 2, line + 3));
  const std::string text = d.Text("access.log.tmp");
  for (size_t at = 0; at < text.size(); at += text.size() / 3 + 1) {
    d.Append(text.substr(at, text.size() / 3 + 1), to);
    d.Look();
  }
  d.Remove("access.log.tmp");
  if (!log_at_once) d.Append(Numbers(line + 2, line + 3));
  d.Look();
}

const LogCase kCopied[] = {
    {"SlowlyAfterARename",
     kBoth,
     [](LogDriver& d) {
       d.Append(Numbers(0, 300));
       d.Look();
       RenameCopy(d, 300, true);
       d.Look(minutes(2));
       d.Look();
     },
     {NumberedLines(0, 303)}},
    {"SlowlyWhileThereIsNoLog",
     kBoth,
     [](LogDriver& d) {
       d.Append(Numbers(0, 300));
       d.Look();
       RenameCopy(d, 300, false);
       d.Look(minutes(2));
       d.Look();
     },
     {NumberedLines(0, 303)}},
    {"SlowlyAfterEachOfManyRenames",
     kBoth,
     [](LogDriver& d) {
       for (int i = 0; i < 12; ++i) {
         for (int n = 20; n > 0; --n) {
           const std::string from = "access.log." + std::to_string(n);
           if (std::filesystem::exists(d.folder.Path(from)))
             d.Rename(from, "access.log." + std::to_string(n + 1));
         }
         RenameCopy(d, 3 * i, i % 2 == 0);
         if (i % 3 == 0) d.Look(minutes(2));
       }
     },
     {NumberedLines(0, 36)}},
};

// As for containers in Kubernetes: the path is a link, and the target is rotated where it lies.
void Link(LogDriver& d) {
  std::filesystem::create_directory(d.folder.Path("pod"));
  d.Rename("access.log", "pod/0.log");
  std::filesystem::create_symlink(d.folder.Path("pod/0.log"), d.folder.Path("pod/link"));
  std::filesystem::create_symlink("pod/link", d.folder.Path());
  d.Look();
}

const LogCase kLinked[] = {
    {"RotatedBesideItsTarget",
     kBoth,
     [](LogDriver& d) {
       Link(d);
       for (int i = 0; i < 3; ++i) {
         d.Append(Numbers(i, i + 1), "pod/0.log");
         d.Rename("pod/0.log", "pod/0.log.20261129-10000" + std::to_string(i));
       }
       d.Append(Numbers(3, 4), "pod/0.log");
       d.Look();
     },
     {NumberedLines(0, 4)}},
    {"CompressedBesideItsTarget",
     kBoth,
     [](LogDriver& d) {
       Link(d);
       for (int i = 0; i < 3; ++i) {
         const std::string to = "pod/0.log.20261129-10000" + std::to_string(i);
         d.Append(Numbers(i, i + 1), "pod/0.log");
         d.Rename("pod/0.log", to);
         d.Gzip(to);
       }
       d.Look();
       d.Append(Numbers(3, 4), "pod/0.log");
       d.Look();
     },
     {NumberedLines(0, 4)}},
};

class NginxReplaced : public ::testing::TestWithParam<LogCase> {};

TEST_P(NginxReplaced, DeliversEachLineOnce) { PlayInItsModes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Replaced, NginxReplaced, ::testing::ValuesIn(kReplaced), NameOf);
INSTANTIATE_TEST_SUITE_P(Linked, NginxReplaced, ::testing::ValuesIn(kLinked), NameOf);
INSTANTIATE_TEST_SUITE_P(Copied, NginxReplaced, ::testing::ValuesIn(kCopied), NameOf);

}  // namespace
}  // namespace aiops
