#include "web/exposition.h"

#include <gtest/gtest.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "text/sanitize.h"

namespace aiops {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Family(std::string name, MetricType type, std::string help = "Help.") {
  MetricFamily family;
  family.name = std::move(name);
  family.type = type;
  family.help = std::move(help);
  return family;
}

void Add(MetricFamily& family, std::vector<prometheus::ClientMetric::Label> labels, double value) {
  auto& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = metric.counter.value = metric.untyped.value = value;
}

struct Series {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string value;
  auto operator<=>(const Series&) const = default;
};

// One sample line, by the grammar; nullopt if it breaks it.
std::optional<Series> ParseLine(std::string_view line) {
  Series out;
  size_t i = line.find_first_of("{ ");
  if (i == std::string_view::npos) return std::nullopt;
  out.name = line.substr(0, i);
  if (line[i] == '{') {
    do {
      const size_t equals = line.find("=\"", ++i);
      if (equals == std::string_view::npos) return std::nullopt;
      const std::string name(line.substr(i, equals - i));
      std::string value;
      for (i = equals + 2; i < line.size() && line[i] != '"'; ++i) {
        if (line[i] != '\\') {
          value += line[i];
          continue;
        }
        if (++i == line.size() ||
            std::string_view("\\\"n").find(line[i]) == std::string_view::npos) {
          return std::nullopt;
        }
        value += line[i] == 'n' ? '\n' : line[i];
      }
      if (!IsLabelName(name) || !out.labels.emplace(name, value).second) return std::nullopt;
    } while (++i < line.size() && line[i] == ',');
    if (i >= line.size() || line[i] != '}') return std::nullopt;
    ++i;
  }
  if (i >= line.size() || line[i] != ' ') return std::nullopt;
  out.value = line.substr(i + 1);
  return out;
}

struct Page {
  std::set<Series> series;
  std::set<std::string> comments;
  bool broken = false;
};

Page Parse(std::string_view text) {
  Page page;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) page.broken = true;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with("# ")) {
      page.comments.emplace(line);
    } else if (const auto series = ParseLine(line)) {
      page.broken = !page.series.insert(*series).second || page.broken;
    } else {
      page.broken = true;
    }
  }
  return page;
}

TEST(Exposition, AgreesWithTheReferenceOnBenignData) {
  std::vector<MetricFamily> families{Family("a_total", MetricType::Counter),
                                     Family("b", MetricType::Gauge),
                                     Family("c", MetricType::Untyped)};
  Add(families[0], {{"x", "1"}, {"y", "two words"}}, 17);
  Add(families[0], {{"x", "quote \" and \\ back"}}, 0.1);
  Add(families[1], {}, std::numeric_limits<double>::infinity());
  Add(families[1], {{"i", "j"}}, -std::numeric_limits<double>::infinity());
  Add(families[2], {}, -2.5);
  const Page ours = Parse(RenderExposition(families, ExpositionFormat::kText));
  const Page theirs = Parse(prometheus::TextSerializer().Serialize(families));
  EXPECT_FALSE(ours.broken);
  EXPECT_EQ(ours.series, theirs.series);
  EXPECT_EQ(ours.comments, theirs.comments);
}

TEST(Exposition, SpeaksOpenMetrics) {
  std::vector<MetricFamily> families{
      Family("cpu_seconds_total", MetricType::Counter, "Say \"hi\"."),
      Family("size_bytes", MetricType::Gauge), Family("odd", MetricType::Untyped)};
  for (auto& family : families) Add(family, {}, 2);
  EXPECT_EQ(RenderExposition(families, ExpositionFormat::kOpenMetrics),
            "# HELP cpu_seconds Say \\\"hi\\\".\n# TYPE cpu_seconds counter\n"
            "# UNIT cpu_seconds seconds\ncpu_seconds_total 2\n"
            "# HELP size_bytes Help.\n# TYPE size_bytes gauge\n# UNIT size_bytes bytes\n"
            "size_bytes 2\n# HELP odd Help.\n# TYPE odd unknown\nodd 2\n# EOF\n");
}

TEST(Exposition, LeavesOutWhatWouldFailAScrape) {
  std::vector<MetricFamily> families{Family("a", MetricType::Gauge),
                                     Family("empty", MetricType::Gauge)};
  Add(families[0], {{"bad-name", "x"}, {"k", "1"}, {"k", "2"}}, 1);
  Add(families[0], {{"k", "1"}}, 2);
  EXPECT_EQ(RenderExposition(families, ExpositionFormat::kText),
            "# HELP a Help.\n# TYPE a gauge\na{k=\"1\"} 1\n");
}

TEST(Exposition, NoBytesCanBreakThePage) {
  std::mt19937 random(1);
  const std::string nasty("\"\\\n\r\0{}=, #\xff\xc3\x28\xe2\x82\xf0\x9f\x80\x1b a", 23);
  for (int round = 0; round < 500; ++round) {
    const auto text = [&] {
      std::string out;
      for (auto n = random() % 40; n > 0; --n) out += nasty[random() % nasty.size()];
      return out;
    };
    std::vector<MetricFamily> families{Family("a_total", MetricType::Counter, text())};
    for (int i = 0; i < 3; ++i) Add(families[0], {{"k", text()}, {"l", text()}}, 1);
    for (const auto format : {ExpositionFormat::kText, ExpositionFormat::kOpenMetrics}) {
      const std::string out = RenderExposition(families, format);
      EXPECT_TRUE(IsValidUtf8(out));
      const Page page = Parse(out);
      EXPECT_FALSE(page.broken) << out;
      EXPECT_LE(page.series.size(), 3u);
      EXPECT_EQ(page.comments.size(), format == ExpositionFormat::kText ? 2u : 3u) << out;
    }
  }
}

TEST(Exposition, NegotiatesAsPrometheusAsks) {
  EXPECT_EQ(NegotiateExposition(""), ExpositionFormat::kText);
  EXPECT_EQ(NegotiateExposition("*/*"), ExpositionFormat::kText);
  EXPECT_EQ(NegotiateExposition("application/openmetrics-text;version=1.0.0;q=0.6,"
                                "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            ExpositionFormat::kOpenMetrics);
  EXPECT_EQ(NegotiateExposition("text/plain;q=0.9, application/openmetrics-text;q=0.2"),
            ExpositionFormat::kText);
  EXPECT_EQ(NegotiateExposition("application/openmetrics-text;q=0"), ExpositionFormat::kText);
}

}  // namespace
}  // namespace aiops
