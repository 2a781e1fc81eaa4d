#include "web/page_words.h"

#include <gtest/gtest.h>

#include "sample_view.h"
#include "web/api.h"
#include "web/page_files.h"

namespace aiops {
namespace {

TEST(PageWords, SayNamesAsAPersonWould) {
  EXPECT_EQ(NameWords("cpu_percent"), "CPU");
  EXPECT_EQ(NameWords("network_rx"), "network received");
  EXPECT_EQ(NameWords("disk_io"), "disk I/O");
  EXPECT_EQ(NameWords("error_rate_5xx"), "error rate 5xx");
  EXPECT_EQ(NameWords(""), "");
  EXPECT_EQ(PartWords("nginx_log"), "Nginx log");
  EXPECT_EQ(PartWords("my_source"), "my source");
  EXPECT_EQ(VerdictWords(Verdict::kLogOnly), "slightly unusual");
  EXPECT_EQ(VerdictWords(Verdict::kCritical), "critical");
}

TEST(PageWords, LeaveNamesThatAreNotTheDaemons) {
  EXPECT_EQ(Worded("network_rx 42 MB/s, worst: log_only of my_db", {"network_rx", "log_only"}),
            "network received 42 MB/s, worst: slightly unusual of my_db");
  EXPECT_EQ(Worded("über_x", {"x"}), "über_x");
}

TEST(PageWords, SayTimesAsAPersonWould) {
  EXPECT_EQ(SpanWords(minutes(4) + seconds(13)), "4 min");
  EXPECT_EQ(SpanWords(seconds(59)), "59 s");
  EXPECT_EQ(SpanWords(minutes(125)), "2 h 5 min");
  EXPECT_EQ(SpanWords(hours(3)), "3 h");
  EXPECT_EQ(SpanWords(hours(50)), "2 days");
  EXPECT_EQ(AgoWords(kViewTime - seconds(7), kViewTime), "7 s ago");
  EXPECT_EQ(AgoWords(kViewTime + minutes(7), kViewTime), "in 7 min");
  EXPECT_EQ(AgoWords(kViewTime, kViewTime), "now");
  EXPECT_EQ(AgoWords(std::nullopt, kViewTime), "never");
}

// The same words stand in page/words.js, for the page.
TEST(PageWords, AreThoseOfThePage) {
  const auto says = [](const std::string& name, const std::string& words) {
    EXPECT_NE(std::string_view(kPageJs).find(name + ": '" + words + "'"), std::string_view::npos)
        << name << ": " << words;
  };
  for (const char* name : {"host", "nginx_log", "prometheus", "docker", "history", "collect",
                           "detect", "train", "retention", "log_only"})
    says(name, PartWords(name));
  for (const char* part : {"avg", "cpu", "io", "ip", "ips", "rx", "tx"})
    says(part, NameWords(part));
  for (const Mark mark : {Mark::kReal, Mark::kExpected})
    says(std::string(ToString(mark)), std::string(MarkWords(mark)));
}

TEST(Page, ShowsWhatPeopleSaid) {
  auto view = SampleView();
  EXPECT_EQ(StatusPage(*view, kViewTime).find("marked as"), std::string::npos);
  Anomaly& a = view->open[0];
  a.acknowledged_at = a.marked_at = kViewTime;
  a.acknowledged_by = "Ann";
  a.mark = Mark::kReal;
  a.marked_by = "Bob";
  a.marked_why = "a <b>disk</b>";
  EXPECT_NE(StatusPage(*view, kViewTime)
                .find("acknowledged by Ann · marked as a real problem by Bob: a "
                      "&lt;b&gt;disk&lt;/b&gt;"),
            std::string::npos);
}

TEST(Page, SaysOfSourcesWhatTheMarksBesideThemSay) {
  auto view = SampleView();
  JobView collect;
  collect.name = "collect";
  collect.last_run = collect.last_success = kViewTime;
  collect.last_result = "1 of 1 collectors answered";
  view->jobs = {collect};
  std::string page = StatusPage(*view, kViewTime);
  EXPECT_NE(page.find("1 of 2 sources does not work"), std::string::npos);
  EXPECT_EQ(page.find("answered</div>"), std::string::npos);
  view->checklist[1].state = SourceState::kOff;
  page = StatusPage(*view, kViewTime);
  EXPECT_NE(page.find("the source answered"), std::string::npos);
}

TEST(Page, SaysWordsAndNotNames) {
  auto view = SampleView();
  view->entities[0].verdict = Verdict::kLogOnly;
  view->entities[0].learned_score = 4.5e-06;
  const std::string page = StatusPage(*view, kViewTime);
  EXPECT_NE(page.find("home: CPU is 93, expected 20</bdi>"), std::string::npos) << page;
  EXPECT_NE(page.find("slightly unusual</b> home"), std::string::npos);
  EXPECT_NE(page.find("score &lt;0.01"), std::string::npos);
  EXPECT_EQ(page.find(">cpu_percent"), std::string::npos);
  EXPECT_EQ(page.find("e-06"), std::string::npos);
}

}  // namespace
}  // namespace aiops
