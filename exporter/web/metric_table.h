// The table of everything that /metrics can show: the one place of names, types, units and helps.
#pragma once

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aiops {

struct MetricInfo {
  const char* name;
  prometheus::MetricType type;  // counter or gauge
  const char* labels;           // comma separated, as documented
  const char* unit;             // "seconds", "bytes", "ratio", or "" for counts and states
  const char* help;             // one sentence
};

std::span<const MetricInfo> MetricTable();

// docs/metrics.md.
std::string MetricsReference();

// One family per row of the table, being filled.
class MetricSet {
 public:
  using Label = std::pair<const char*, const std::string&>;

  MetricSet();
  // Adds a series of the family `name`, which must be in the table. NaN adds nothing: what is
  // missing is absent.
  void Add(std::string_view name, std::initializer_list<Label> labels, double value);
  // The same with labels of the caller's own making.
  void Add(std::string_view name, std::vector<prometheus::ClientMetric::Label> labels,
           double value);
  std::vector<prometheus::MetricFamily> Take() { return std::move(families_); }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace aiops
