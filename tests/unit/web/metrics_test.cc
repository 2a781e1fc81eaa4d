#include "web/metrics.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sample_view.h"
#include "web/metric_table.h"

namespace aiops {
namespace {

std::string Render(const View& view, int limit = 100) {
  MetricSet set;
  AddEntityMetrics(view, limit, set);
  AddOperationMetrics(view, set);
  return RenderExposition(set.Take(), ExpositionFormat::kText);
}

bool Has(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

TEST(Metrics, TellTheVerdictAsAStateSet) {
  const std::string page = Render(*SampleView());
  EXPECT_TRUE(
      Has(page, "aiops_verdict{entity=\"home\",scope=\"server\",verdict=\"critical\"} 1\n"));
  for (const char* other : {"unknown", "normal", "log_only", "warning"}) {
    EXPECT_TRUE(Has(page, std::string("verdict=\"") + other + "\"} 0\n")) << other;
  }
}

TEST(Metrics, LeaveOutMissingNumbers) {
  const std::string page = Render(*SampleView());
  EXPECT_TRUE(Has(
      page, "aiops_feature_value{entity=\"home\",scope=\"server\",feature=\"cpu_percent\"} 93\n"));
  EXPECT_FALSE(Has(page, "aiops_feature_value{entity=\"home\",scope=\"server\",feature=\"memory"));
  EXPECT_FALSE(Has(page, "NaN"));
}

TEST(Metrics, VanishWithTheirEntity) {
  auto view = SampleView();
  EXPECT_TRUE(Has(Render(*view), "entity=\"home\""));
  view->entities.clear();
  view->facts.clear();
  EXPECT_FALSE(Has(Render(*view), "entity=\"home\""));
}

TEST(Metrics, CountOpenAnomaliesFromZero) {
  const std::string page = Render(*SampleView());
  EXPECT_TRUE(Has(page, "aiops_open_anomalies{scope=\"server\",severity=\"critical\"} 1\n"));
  EXPECT_TRUE(Has(page, "aiops_open_anomalies{scope=\"server\",severity=\"warning\"} 0\n"));
}

TEST(Metrics, ShowFeaturesOnlyOfAnomalousEntitiesAboveTheLimit) {
  auto view = SampleView();
  view->entities.push_back(SampleEntity("quiet", Verdict::kNormal));
  EXPECT_TRUE(Has(Render(*view, 2), "aiops_feature_value{entity=\"quiet\""));
  const std::string page = Render(*view, 1);
  EXPECT_FALSE(Has(page, "aiops_feature_value{entity=\"quiet\""));
  EXPECT_TRUE(Has(page, "aiops_feature_value{entity=\"home\""));
  EXPECT_TRUE(Has(page, "aiops_anomaly_score{entity=\"quiet\""));
}

TEST(Metrics, TellHowTheModelWasTrained) {
  auto view = SampleView();
  view->trainings_total[{"server", "refused"}] = 2;
  const std::string page = Render(*view);
  const std::string home = "{entity=\"home\",scope=\"server\"";
  EXPECT_TRUE(Has(page, "aiops_model_excluded_ratio" + home + ",reason=\"maintenance\"} 0.1\n"));
  EXPECT_FALSE(Has(page, "reason=\"mute\"")) << "none was left out for it";
  EXPECT_TRUE(Has(page, "aiops_model_trial_alert_ratio" + home + "} 0.015\n"));
  EXPECT_TRUE(Has(page, "aiops_trainings_total{scope=\"server\",result=\"refused\"} 2\n"));
  EXPECT_TRUE(Has(page, "aiops_trainings_total{scope=\"server\",result=\"failed\"} 0\n"));
}

TEST(Metrics, HaveARowInTheReference) {
  const std::string reference = MetricsReference();
  for (const MetricInfo& row : MetricTable()) {
    EXPECT_TRUE(Has(reference, std::string("| `") + row.name + "` |")) << row.name;
    EXPECT_EQ(std::string(row.name).ends_with("_total"),
              row.type == prometheus::MetricType::Counter)
        << row.name;
  }
}

// promtool reads a live page in tests/e2e/eleven_features_test.py.
TEST(Metrics, LookAsRecorded) {
  auto view = SampleView();
  std::string page = Render(*view);
  const size_t compiler = page.find(",compiler=\"");
  ASSERT_NE(compiler, std::string::npos);
  page.erase(compiler, page.find('}', compiler) - compiler);
  const std::string path = std::string(AIOPS_TESTDATA) + "/metrics/full.prom";
  if (std::getenv("AIOPS_BLESS") != nullptr) std::ofstream(path) << page;
  std::stringstream recorded;
  recorded << std::ifstream(path).rdbuf();
  EXPECT_EQ(page, recorded.str()) << "run with AIOPS_BLESS=1 to record it anew";
}

TEST(Metrics, TellAboutTheProcess) {
  MetricSet set;
  AddProcessMetrics(set);
  const std::string page = RenderExposition(set.Take(), ExpositionFormat::kText);
  for (const char* name :
       {"process_cpu_seconds_total ", "process_resident_memory_bytes ",
        "process_start_time_seconds ", "process_open_fds ", "process_threads "}) {
    EXPECT_TRUE(Has(page, std::string("\n") + name)) << name;
  }
}

}  // namespace
}  // namespace aiops
