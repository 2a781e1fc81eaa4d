#include "collect/prometheus/fact_query.h"

#include <array>
#include <charconv>

#include "text/sanitize.h"

namespace aiops::prom {
namespace {

constexpr size_t kMaxDetails = 16;

// File systems that people fill: not those in memory, images, or views of others.
#define AIOPS_REAL_FS \
  R"({fstype!~"tmpfs|ramfs|devtmpfs|overlay|squashfs|erofs|iso9660|udf|autofs|nsfs|fuse.*"})"
constexpr const char* kUsedPercent = "100 * (1 - node_filesystem_avail_bytes" AIOPS_REAL_FS
                                     " / node_filesystem_size_bytes" AIOPS_REAL_FS ")";
constexpr const char* kFullWithinFourHours =
    " > 70 and predict_linear(node_filesystem_avail_bytes" AIOPS_REAL_FS "[1h], 4 * 3600) < 0";
// One that is mounted read-only on purpose was never writable.
constexpr const char* kBecameReadOnly =
    "node_filesystem_readonly" AIOPS_REAL_FS
    " == 1 and min_over_time(node_filesystem_readonly" AIOPS_REAL_FS "[1d]) == 0";
#undef AIOPS_REAL_FS

std::string Label(const Series& series, std::string_view name) {
  for (const auto& [key, value] : series.labels)
    if (key == name) return value;
  return {};
}

std::string Decimal(double value, int digits) {
  std::array<char, 400> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value,
                                          std::chars_format::fixed, digits);
  return error == std::errc() ? std::string(text.data(), end) : "?";
}

std::string Number(double value) {
  if (IsMissing(value)) return "missing";
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : "?";
}

Fact TargetDown(const Series& series) {
  Fact fact;
  fact.object = Label(series, "job") + "/" + Label(series, "instance");
  fact.summary = "Prometheus cannot scrape " + fact.object;
  return fact;
}

// The host first: the same mount point is on many.
Fact OnFilesystem(const Series& series, const std::string& what) {
  Fact fact;
  const auto mount = Label(series, "mountpoint"), instance = Label(series, "instance");
  fact.object = instance.empty() ? mount : instance + " " + mount;
  fact.summary = (mount.empty() ? "a file system without a mount point" : mount) +
                 (instance.empty() ? "" : " on " + instance) + " " + what;
  return fact;
}

Fact FilesystemFull(const Series& series) {
  return OnFilesystem(series, "is " + Decimal(series.value, 1) + " % full");
}

Fact FilesystemFilling(const Series& series) {
  return OnFilesystem(series,
                      "is " + Decimal(series.value, 1) +
                          " % full and will be full within four hours at the present speed");
}

Fact FilesystemReadOnly(const Series& series) {
  return OnFilesystem(series, "has become read-only");
}

Fact OfLabels(const FactQuery& query, const Series& series) {
  Fact fact;
  for (const auto& [name, value] : series.labels)
    fact.object += (fact.object.empty() ? "" : "/") + value;
  fact.summary = query.name + " holds" + (fact.object.empty() ? "" : " for " + fact.object) +
                 ": the value is " + Number(series.value);
  return fact;
}

}  // namespace

std::vector<FactQuery> BuiltInFactQueries(const BuiltInFacts& wanted) {
  std::vector<FactQuery> out;
  if (wanted.targets_down)
    out.push_back({"target_down", "up == 0", Severity::kWarning, {}, TargetDown});
  if (!wanted.filesystems) return out;
  const std::string used = kUsedPercent;
  out.push_back({"filesystem_full", used + " > 95", Severity::kCritical, {}, FilesystemFull});
  out.push_back({"filesystem_filling",
                 used + kFullWithinFourHours,
                 Severity::kWarning,
                 {},
                 FilesystemFilling});
  out.push_back(
      {"filesystem_readonly", kBecameReadOnly, Severity::kCritical, {}, FilesystemReadOnly});
  return out;
}

std::vector<FactInfo> BuiltInFactInfos() {
  return {{"target_down", Severity::kWarning, "Prometheus cannot scrape a target."},
          {"filesystem_full", Severity::kCritical, "A file system is nearly full."},
          {"filesystem_filling", Severity::kWarning,
           "A file system will be full within hours at its present speed."},
          {"filesystem_readonly", Severity::kCritical,
           "A file system that was writable has become read-only."}};
}

Fact MakeFact(const FactQuery& query, const Series& series, const std::string& entity_label) {
  auto fact = query.describe ? query.describe(series) : OfLabels(query, series);
  fact.name = query.name;
  fact.severity = query.severity;
  fact.object = Sanitize(fact.object);
  fact.summary = Sanitize(fact.summary, 2 * kMaxLabelBytes);
  if (!entity_label.empty()) fact.entity = Label(series, entity_label);
  if (!fact.entity.empty()) fact.labels = {{entity_label, fact.entity}};
  for (const auto& label : series.labels)
    if (fact.details.size() < kMaxDetails) fact.details.push_back(label);
  fact.details.emplace_back("value", Number(series.value));
  return fact;
}

}  // namespace aiops::prom
