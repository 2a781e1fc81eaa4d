// Config: everything that aiops.yml says, typed, except what plug-ins read from their own sections.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "config/cron.h"
#include "config/section.h"
#include "model/fact.h"
#include "model/feature.h"

namespace aiops {

struct StoreConfig {
  std::string path;            // of the database; its folder is made
  Duration retention_samples;  // older samples and judgements are deleted in slices
  Duration retention_anomalies;
};

struct WebConfig {
  std::string listen_address;  // "127.0.0.1:8100", ":8100", "[::1]:8100"
  std::string external_url;    // for links, no slash at its end; empty: from listen_address
  std::vector<std::string> allowed_hosts;
  std::string config_file;  // exporter-toolkit's web configuration; empty: plain HTTP
  int max_connections;
  int per_feature_series_limit;  // above so many entities per-feature series only for anomalous
                                 // ones
};

struct CollectConfig {
  Duration interval;   // the base tick
  Duration deadline;   // after the tick's end, for all collectors
  std::string entity;  // the name of the default entity; default: the host's name
  Duration backfill;   // how much history a first start reads from its sources; 0: none
};

struct EwmaConfig {
  double lambda;
  double sigma;
  double sigma_floor_relative;  // of the mean's magnitude
  double sigma_floor_absolute;
};

struct ForestConfig {
  int n_estimators;
  int max_samples;
  double contamination;
  double critical_contamination;
  Duration window;  // of training samples
  int min_samples;  // fewer do not train
  std::uint64_t seed;
  int shared_above;  // entities of a scope beyond which one forest serves them all
};

// Names of the parts of the calibrated score, in the order of the detectors' Part.
inline constexpr std::array<std::string_view, 11> kPartNames{
    "shift",    "breadth",    "jump",          "season",  "forest", "burst",
    "residual", "run_budget", "recalibration", "weekday", "lone"};

struct DetectConfig {
  Duration interval;                       // a multiple of collect.interval
  std::string mode;                        // "calibrated" or "plain"
  std::string sensitivity;                 // "low", "normal", "high"
  std::bitset<kPartNames.size()> without;  // parts of the calibrated score that are off
  int warmup_samples;
  double min_coverage;  // 0..1; below it the verdict is unknown
  int persistence;      // samples in alert in a row that make a WARNING
  int close_after;      // quiet samples that close an anomaly
  Duration boot_grace;  // after the machine's boot: judged, but no anomaly opens
  Cron train_schedule;
  EwmaConfig ewma;
  ForestConfig forest;
};

// What all receivers have in common.
struct NotifyConfig {
  Cron flush_warnings;  // when people are told what is not critical
};

// A user's own fact by PromQL: it holds for every series of the result.
struct FactRule {
  std::string name;
  std::string expr;
  Severity severity;
  Duration hold;  // `for`
};

// What policy says about facts of a name.
struct FactPolicy {
  std::string name;
  bool enabled = true;
  Severity severity;
};

struct Config {
  TimeZone timezone;
  StoreConfig store;
  WebConfig web;
  CollectConfig collect;
  DetectConfig detect;
  NotifyConfig notify;
  std::vector<Scope> scopes;
  std::vector<FactRule> fact_rules;       // evaluated by the prometheus collector
  std::vector<FactPolicy> fact_policies;  // for facts of collectors, where they differ from default
  std::vector<std::pair<std::string, std::string>> labels;  // a user's own, on every alert
};

// What the plug-ins that were linked in know: names are checked against it.
struct KnownNames {
  std::vector<FactInfo> facts;       // empty: any name is taken in fact_policies
  std::vector<std::string> sources;  // collectors; empty: nginx_log, prometheus, docker, host
};

// Reads all keys of the core (not collect.<plug-in>, notify.*, analyze.*). Problems go to the
// document; the returned value is then usable only for looking at more problems. `host` names the
// default entity.
Config ReadConfig(Document& document, const std::string& host, const KnownNames& known = {});

// The shipped scope `server` with its eleven features. The five of the machine come from Prometheus
// (PromQL over node_exporter) or from the host itself; `interval` and entity_labels are left empty.
Scope ShippedScope(bool prometheus);

// Replaces $window in a PromQL expression ("$windows" is another word).
std::string ExpandWindow(std::string_view expr, Duration window);

}  // namespace aiops
