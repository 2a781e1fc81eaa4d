#include "config/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "config/reference.h"
#include "fakes/config_text.h"

namespace aiops {
namespace {

using Env = std::map<std::string, std::string>;

const std::vector<FactInfo> kFacts{
    {"container_down", Severity::kCritical, "A container that should run does not."},
    {"container_unhealthy", Severity::kWarning, "A container's health check fails."}};

struct Read {
  explicit Read(std::string yaml, Env env = {}, KnownNames known = {kFacts, {}})
      : source(std::move(yaml), std::move(env)),
        config(ReadConfig(source.document(), "nas", known)),
        problems(source.Problems()),
        warnings(source.Warnings()) {}
  TestConfig source;
  Config config;
  std::string problems;
  std::string warnings;
};

std::vector<std::string> FeatureNames(const Scope& scope) {
  std::vector<std::string> names;
  for (const auto& feature : scope.features) names.push_back(feature.name);
  return names;
}

const Feature& FeatureOf(const Read& read, const std::string& name) {
  const auto& features = read.config.scopes.at(0).features;
  return *std::find_if(features.begin(), features.end(),
                       [&](const Feature& f) { return f.name == name; });
}

TEST(Config, DefaultsAreTheDocumentedOnes) {
  const Read read("");
  const Config& c = read.config;
  EXPECT_EQ(read.problems, "");
  EXPECT_EQ(c.store.path, "data/aiops.db");
  EXPECT_EQ(c.store.retention_samples, hours(720));
  EXPECT_EQ(c.store.retention_anomalies, hours(52 * 168));
  EXPECT_EQ(c.web.listen_address, "127.0.0.1:8100");
  EXPECT_TRUE(c.web.external_url.empty());
  EXPECT_EQ(c.web.max_connections, 32);
  EXPECT_EQ(c.web.per_feature_series_limit, 100);
  EXPECT_EQ(c.collect.interval, minutes(1));
  EXPECT_EQ(c.collect.deadline, seconds(10));
  EXPECT_EQ(c.collect.entity, "nas");
  EXPECT_EQ(c.detect.interval, minutes(5));
  EXPECT_EQ(c.detect.mode, "calibrated");
  EXPECT_TRUE(c.detect.without.none());
  EXPECT_EQ(c.detect.warmup_samples, 20);
  EXPECT_EQ(c.detect.min_coverage, 0.5);
  EXPECT_EQ(c.detect.boot_grace, minutes(5));
  EXPECT_EQ(c.detect.train_schedule.expression(), "0 3 * * 0");
  EXPECT_EQ(c.detect.ewma.lambda, 0.2);
  EXPECT_EQ(c.detect.ewma.sigma, 3);
  EXPECT_EQ(c.detect.forest.n_estimators, 100);
  EXPECT_EQ(c.detect.forest.max_samples, 256);
  EXPECT_EQ(c.detect.forest.contamination, 0.05);
  EXPECT_DOUBLE_EQ(c.detect.forest.critical_contamination, 0.01);
  EXPECT_EQ(c.detect.forest.window, hours(168));
  EXPECT_EQ(c.detect.forest.seed, 42u);
  EXPECT_TRUE(c.fact_rules.empty());
  EXPECT_TRUE(c.fact_policies.empty());
}

TEST(Config, ShipsElevenFeaturesInOneScope) {
  const Read read("");
  ASSERT_EQ(read.config.scopes.size(), 1u);
  const Scope& server = read.config.scopes[0];
  EXPECT_EQ(server.name, "server");
  EXPECT_EQ(server.interval, minutes(1));
  EXPECT_EQ(FeatureNames(server),
            (std::vector<std::string>{"request_rate", "error_rate_4xx", "error_rate_5xx",
                                      "unique_ips_per_min", "avg_response_size", "cpu_percent",
                                      "memory_percent", "disk_io", "network_rx", "network_tx",
                                      "container_count_unhealthy"}));
  EXPECT_EQ(FeatureOf(read, "cpu_percent").source, "host");
  EXPECT_EQ(FeatureOf(read, "cpu_percent").expr, "cpu_percent");
  EXPECT_EQ(FeatureOf(read, "request_rate").source, "nginx_log");
  EXPECT_EQ(FeatureOf(read, "container_count_unhealthy").source, "docker");
  for (const auto& feature : server.features) EXPECT_TRUE(feature.help.ends_with('.'));
}

TEST(Config, AsksPrometheusForTheMachineWhereThereIsOne) {
  const Read file("collect: {prometheus: {url: 'http://127.0.0.1:9090'}}");
  const Read env("", {{"AGENT_COLLECT_PROMETHEUS_URL", "http://127.0.0.1:9090"}});
  for (const Read* read : {&file, &env}) {
    EXPECT_EQ(FeatureOf(*read, "cpu_percent").source, "prometheus");
    EXPECT_EQ(FeatureOf(*read, "cpu_percent").expr,
              "100 * (1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[$window])))");
    EXPECT_EQ(FeatureOf(*read, "network_rx").source, "prometheus");
    EXPECT_EQ(FeatureOf(*read, "request_rate").source, "nginx_log");
  }
}

TEST(Config, TakesTheMissionsVariables) {
  const Read read("", {{"AGENT_ANOMALY_CONTAMINATION", "0.1"},
                       {"AGENT_EWMA_LAMBDA", "0.3"},
                       {"AGENT_EWMA_SIGMA", "4"},
                       {"AGENT_COLLECT_INTERVAL_MINUTES", "2"},
                       {"AGENT_DETECT_INTERVAL_MINUTES", "10"},
                       {"AGENT_OLLAMA_BASE_URL", "http://host.docker.internal:11434"},
                       {"AGENT_OLLAMA_MODEL", "qwen2.5:7b"},
                       {"AGENT_TELEGRAM_BOT_TOKEN", "t"},
                       {"AGENT_TELEGRAM_CHAT_ID", "1"},
                       {"AGENT_FACT_POLICIES_CONTAINER_DOWN", "off"}});
  EXPECT_EQ(read.problems, "");
  EXPECT_EQ(read.warnings, "");
  EXPECT_EQ(read.config.detect.forest.contamination, 0.1);
  EXPECT_DOUBLE_EQ(read.config.detect.forest.critical_contamination, 0.02);
  EXPECT_EQ(read.config.detect.ewma.lambda, 0.3);
  EXPECT_EQ(read.config.detect.ewma.sigma, 4);
  EXPECT_EQ(read.config.collect.interval, minutes(2));
  EXPECT_EQ(read.config.detect.interval, minutes(10));
  ASSERT_EQ(read.config.fact_policies.size(), 1u);
  EXPECT_FALSE(read.config.fact_policies[0].enabled);
}

TEST(Config, DerivesDefaultsFromTheBaseTick) {
  const Read fast("collect: {interval: 2s}");
  EXPECT_EQ(fast.problems, "");
  EXPECT_EQ(fast.config.collect.deadline, milliseconds(1600));
  EXPECT_EQ(fast.config.detect.interval, minutes(5));
  const Read slow("collect: {interval: 2m}");
  EXPECT_EQ(slow.problems, "");
  EXPECT_EQ(slow.config.detect.interval, minutes(6));
  EXPECT_EQ(slow.config.scopes[0].interval, minutes(2));
}

TEST(Config, FeaturesHaveGates) {
  const Read read(R"(
detect: {persistence: 3}
scopes:
  server:
    features:
      request_rate: {enabled: false}
      cpu_percent: {min_relative_deviation: 0.2, range: [0, 100]}
      errors: {expr: sum(errors), absent: zero}
      share: {expr: a / b, min_count: 20, counted_by: errors}
)");
  EXPECT_EQ(read.problems, "");
  EXPECT_EQ(read.config.detect.persistence, 3);
  const Feature cpu = FeatureOf(read, "cpu_percent");
  EXPECT_EQ(cpu.min_relative_deviation, 0.2);
  EXPECT_EQ(cpu.least, 0);
  EXPECT_EQ(cpu.most, 100);
  EXPECT_TRUE(FeatureOf(read, "errors").absent_is_zero);
  EXPECT_EQ(FeatureOf(read, "share").min_count, 20);
  // Nobody counts the requests.
  EXPECT_EQ(FeatureOf(read, "error_rate_5xx").min_count, 0);
  EXPECT_EQ(FeatureOf(Read(""), "error_rate_5xx").min_count, 10);
}

TEST(Config, OverridesShippedFeaturesKeyByKey) {
  const Read read(R"(
scopes:
  server:
    features:
      cpu_percent: {min_deviation: 25}
      disk_io: {source: prometheus}
      network_tx: {enabled: false}
      queue_length: {source: prometheus, expr: sum(queue), unit: jobs, direction: up}
)");
  EXPECT_EQ(read.problems, "");
  EXPECT_EQ(FeatureOf(read, "cpu_percent").min_deviation, 25);
  EXPECT_EQ(FeatureOf(read, "cpu_percent").unit, "%");
  EXPECT_EQ(FeatureOf(read, "disk_io").expr.substr(0, 9), "100 * max");
  const auto names = FeatureNames(read.config.scopes[0]);
  EXPECT_EQ(names.size(), 11u);
  EXPECT_EQ(std::count(names.begin(), names.end(), "network_tx"), 0);
  EXPECT_EQ(names.back(), "queue_length");
  EXPECT_EQ(FeatureOf(read, "queue_length").direction, Direction::kUp);
  EXPECT_EQ(FeatureOf(read, "queue_length").help, "The feature queue_length.");
}

TEST(Config, UsersScopesReplaceTheShippedOne) {
  const Read read(R"(
scopes:
  node: {interval: 5m, entity_labels: [instance], features: {load: {expr: node_load1}}}
  server:
)");
  EXPECT_EQ(read.problems, "");
  ASSERT_EQ(read.config.scopes.size(), 2u);
  EXPECT_EQ(read.config.scopes[0].name, "node");
  EXPECT_EQ(read.config.scopes[0].interval, minutes(5));
  EXPECT_EQ(read.config.scopes[0].entity_labels, std::vector<std::string>{"instance"});
  EXPECT_EQ(read.config.scopes[0].features[0].source, "prometheus");
  EXPECT_EQ(read.config.scopes[1].features.size(), 11u);
}

TEST(Config, ReadsFactsPoliciesAndLabels) {
  const Read read(R"(
facts:
  - {name: tape_failed, expr: tape_ok == 0, severity: critical, for: 10m}
fact_policies: {container_down: warning, container_unhealthy: "off"}
labels: {team: home}
)");
  EXPECT_EQ(read.problems, "");
  ASSERT_EQ(read.config.fact_rules.size(), 1u);
  EXPECT_EQ(read.config.fact_rules[0].severity, Severity::kCritical);
  EXPECT_EQ(read.config.fact_rules[0].hold, minutes(10));
  ASSERT_EQ(read.config.fact_policies.size(), 2u);
  EXPECT_TRUE(read.config.fact_policies[0].enabled);
  EXPECT_EQ(read.config.fact_policies[0].severity, Severity::kWarning);
  EXPECT_FALSE(read.config.fact_policies[1].enabled);
  EXPECT_EQ(read.config.labels[0], std::pair(std::string("team"), std::string("home")));
}

TEST(Config, TakesAnyFactPolicyWhereNamesAreNotKnown) {
  const Read read("fact_policies:\n  site_down: off\n  disk: loud\n", {}, {});
  EXPECT_EQ(read.problems,
            "aiops.yml:3: fact_policies.disk: found 'loud', want one of critical, warning, off\n");
  ASSERT_EQ(read.config.fact_policies.size(), 1u);
  EXPECT_FALSE(read.config.fact_policies[0].enabled);
}

struct Wrong {
  const char* yaml;
  const char* problems;
};
class WrongConfig : public testing::TestWithParam<Wrong> {};

TEST_P(WrongConfig, IsNamedExactly) {
  EXPECT_EQ(Read(GetParam().yaml).problems, GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(
    Config, WrongConfig,
    testing::Values(
        Wrong{"timezone: Asia/Soul",
              "aiops.yml:1: timezone: time zone 'Asia/Soul' is not known, want a name like "
              "Asia/Seoul\n"},
        Wrong{"store: {retention: 7d}",
              "aiops.yml:1: store.retention: found '7d', want a duration from 8d to 520w\n"},
        Wrong{"store: {path: ''}",
              "aiops.yml:1: store.path: found nothing, want the path of a file\n"},
        Wrong{"web: {listen_address: '8100'}",
              "aiops.yml:1: web.listen_address: found '8100', want a host and a port like "
              "127.0.0.1:8100 or :8100\n"},
        Wrong{"web: {listen_address: '::1:8100'}",
              "aiops.yml:1: web.listen_address: found '::1:8100', want a host and a port like "
              "127.0.0.1:8100 or :8100\n"},
        Wrong{
            "web: {external_url: 'ftp://me:hush@x'}",
            "aiops.yml:1: web.external_url: found 'ftp://x', want a URL like https://host/path\n"},
        Wrong{"collect: {deadline: 60s}",
              "aiops.yml:1: collect.deadline: found '1m', want less than collect.interval (1m)\n"},
        Wrong{"collect: {interval: 500ms}",
              "aiops.yml:1: collect.interval: found '500ms', want a duration from 1s to 1h\n"},
        Wrong{"collect:\n  interval: 2m\ndetect:\n  interval: 5m\n",
              "aiops.yml:4: detect.interval: found '5m', want a whole multiple of collect.interval "
              "(2m)\n"},
        Wrong{
            "detect: {mode: plian}",
            "aiops.yml:1: detect.mode: found 'plian', want one of calibrated, plain; did you mean "
            "plain?\n"},
        Wrong{
            "detect: {calibrated: {without: [season, forrest]}}",
            "aiops.yml:1: detect.calibrated.without: found 'forrest', want names of parts; did you "
            "mean forest?\n"},
        Wrong{"detect: {train_schedule: '0 25 * * *'}",
              "aiops.yml:1: detect.train_schedule: hour '25' of a cron expression must be *, or "
              "numbers, ranges and steps from 0 to 23\n"},
        Wrong{"detect: {train_schedule: '0 0 31 2 *'}",
              "aiops.yml:1: detect.train_schedule: found '0 0 31 2 *', want a day that some month "
              "has\n"},
        Wrong{
            "web: {allowed_hosts: [nas.lan:8100, 'http://nas/']}",
            "aiops.yml:1: web.allowed_hosts: found 'http://nas/', want names as in a Host header: "
            "aiops, nas.lan:8100\n"},
        Wrong{"web: {external_url: 'http://nas:99999'}",
              "aiops.yml:1: web.external_url: found 'http://nas:99999', want a URL like "
              "https://host/path\n"},
        Wrong{"detect: {ewma: {lambda: abc}}",
              "aiops.yml:1: detect.ewma.lambda: found 'abc', want a number from 0.001 to 1\n"},
        Wrong{"detect: {isolation_forest: {window: 31d}}",
              "aiops.yml:1: detect.isolation_forest.window: found '31d', want at most "
              "store.retention (30d)\n"},
        Wrong{"detect: {isolation_forest: {critical_contamination: 0.1}}",
              "aiops.yml:1: detect.isolation_forest.critical_contamination: found '0.1', want at "
              "most contamination (0.05)\n"},
        Wrong{"labels: {severity: x, 9a: y}",
              "aiops.yml:1: labels.severity: found 'severity', want names other than alertname, "
              "severity, entity, scope, kind and object, which are set here\n"
              "aiops.yml:1: labels.9a: found '9a', want label names like team\n"},
        Wrong{"facts:\n- {name: A, expr: ''}\n- {name: container_down, expr: x}\n",
              "aiops.yml:2: facts[0].name: found 'A', want lower-case letters, digits and "
              "underscores, a letter first, at most 64\n"
              "aiops.yml:2: facts[0].expr: found nothing, want a PromQL expression\n"
              "aiops.yml:3: facts[1].name: found 'container_down', want a name that no other fact "
              "has\n"},
        Wrong{"fact_policies: {contaner_down: critical}",
              "aiops.yml:1: fact_policies.contaner_down: unknown key, did you mean "
              "container_down?\n"},
        Wrong{"fact_policies: {container_down: loud}",
              "aiops.yml:1: fact_policies.container_down: found 'loud', want one of critical, "
              "warning, off\n"},
        Wrong{"scopes: {web: {}}",
              "aiops.yml:1: scopes.web.features: found none, want at least one feature\n"},
        Wrong{"scopes: {Web-1: {features: {x: {expr: y}}}}",
              "aiops.yml:1: scopes.Web-1: found 'Web-1', want lower-case letters, digits and "
              "underscores, a letter first, at most 64\n"},
        Wrong{
            "scopes:\n  web:\n    interval: 90s\n    entity_labels: [a, a-b, a]\n    features:\n"
            "      ok: {source: prometeus, expr: x}\n      bad-name: {expr: x}\n"
            "      none: {min_deviation: -1}\n",
            "aiops.yml:3: scopes.web.interval: found '1m30s', want a whole multiple of "
            "collect.interval (1m)\n"
            "aiops.yml:4: scopes.web.entity_labels: found 'a-b', want label names like instance\n"
            "aiops.yml:4: scopes.web.entity_labels: found 'a', want each label once\n"
            "aiops.yml:6: scopes.web.features.ok.source: found 'prometeus', want one of "
            "nginx_log, prometheus, docker, host; did you mean prometheus?\n"
            "aiops.yml:7: scopes.web.features.bad-name: found 'bad-name', want lower-case "
            "letters, digits and underscores, a letter first, at most 64\n"
            "aiops.yml:8: scopes.web.features.none.min_deviation: found '-1', want a number of at "
            "least 0\n"
            "aiops.yml:8: scopes.web.features.none.expr: found nothing, want a PromQL "
            "expression\n"},
        Wrong{"scopes:\n  web:\n    features:\n      a: {expr: x, range: [5, 1]}\n"
              "      b: {expr: x, min_count: 5, counted_by: requests}\n",
              "aiops.yml:3: scopes.web.features: found 'requests', want in counted_by of b a "
              "feature of this scope\n"
              "aiops.yml:4: scopes.web.features.a.range: found '[5, 1]', want two numbers in "
              "rising order, such as [0, 100]\n"}));

TEST(Config, TellsAllProblemsOfAllSourcesAtOnce) {
  const Read read(
      "web:\n  listen_adress: :80\nstore: {retention: 1d}\ndetect: {ewma: {sigma: 0}}\n",
      {{"AGENT_EWMA_LAMBDA", "2"}, {"AGENT_COLLECT_INTERVAL_MINUTES", "x"}});
  EXPECT_EQ(
      read.problems,
      "aiops.yml:2: web.listen_adress: unknown key, did you mean listen_address?\n"
      "aiops.yml:3: store.retention: found '1d', want a duration from 8d to 520w\n"
      "aiops.yml:4: detect.ewma.sigma: found '0', want a number from 0.5 to 100\n"
      "environment AGENT_COLLECT_INTERVAL_MINUTES: collect.interval: found 'x', want a bare "
      "number of minutes, in all from 1s to 1h\n"
      "environment AGENT_EWMA_LAMBDA: detect.ewma.lambda: found '2', want a number from 0.001 "
      "to 1\n");
}

TEST(ExpandWindow, ReplacesThePlaceholderOnly) {
  EXPECT_EQ(ExpandWindow("rate(x[$window]) + rate(y[$window])", minutes(4)),
            "rate(x[4m]) + rate(y[4m])");
  EXPECT_EQ(ExpandWindow("$windows $window", seconds(8)), "$windows 8s");
  EXPECT_EQ(ExpandWindow("up", seconds(8)), "up");
  EXPECT_EQ(ExpandWindow("$window", seconds(8)), "8s");
}

TEST(Reference, ListsEveryKeyOfTheCore) {
  Document document(Sources{.describe = true});
  ReadConfig(document, "<hostname>", {kFacts, {}});
  for (const auto& key : document.docs()) EXPECT_TRUE(key.help.ends_with('.')) << key.key;
  const std::string text = ConfigurationReference(document.docs());
  for (const char* line :
       {"## Top level\n", "## `detect.ewma`\n\nThe moving average and band of each feature.\n",
        "| `detect.ewma.lambda` | `0.2` | a number from 0.001 to 1 | `AGENT_DETECT_EWMA_LAMBDA`, "
        "`AGENT_EWMA_LAMBDA` | Weight of the newest sample in the moving average. |\n",
        "| `facts[].name` |",
        "| `scopes.<name>.features.<name>.direction` | `both` | one of up, down, both |",
        "| `fact_policies.container_down` | `critical` |", "| `collect.entity` | `<hostname>` |"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

TEST(Reference, CannotBeBrokenByText) {
  const auto text = ConfigurationReference({{.key = "a", .type = "text", .help = "x | y\nz."}});
  EXPECT_NE(text.find("| x \\| y z. |\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace aiops
