#include "web/exposition.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "text/sanitize.h"

namespace aiops {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr size_t kMaxHelpBytes = 1024;
constexpr std::string_view kTotal = "_total";

void AppendEscaped(std::string& out, std::string_view text, bool quotes) {
  while (true) {
    const auto special = std::find_if(text.begin(), text.end(), [&](char c) {
      return c == '\\' || c == '\n' || (c == '"' && quotes);
    });
    out.append(text.begin(), special);
    if (special == text.end()) return;
    out += '\\';
    out += *special == '\n' ? 'n' : *special;
    text.remove_prefix(static_cast<size_t>(special - text.begin()) + 1);
  }
}

void AppendNumber(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    char buffer[32];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
  }
}

bool Repeated(const std::vector<ClientMetric::Label>& labels, size_t i) {
  for (size_t k = 0; k < i; ++k) {
    if (labels[k].name == labels[i].name) return true;
  }
  return false;
}

std::string RenderLabels(const std::vector<ClientMetric::Label>& labels) {
  std::string out;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!IsLabelName(labels[i].name) || Repeated(labels, i)) continue;
    out += out.empty() ? '{' : ',';
    out += labels[i].name;
    out += "=\"";
    AppendEscaped(out, Sanitize(labels[i].value), true);
    out += '"';
  }
  if (!out.empty()) out += '}';
  return out;
}

const char* TypeName(MetricType type, ExpositionFormat format) {
  switch (type) {
    case MetricType::Counter:
      return "counter";
    case MetricType::Gauge:
      return "gauge";
    case MetricType::Untyped:
      return format == ExpositionFormat::kText ? "untyped" : "unknown";
    default:
      return nullptr;
  }
}

double ValueOf(const ClientMetric& metric, MetricType type) {
  switch (type) {
    case MetricType::Counter:
      return metric.counter.value;
    case MetricType::Gauge:
      return metric.gauge.value;
    default:
      return metric.untyped.value;
  }
}

std::string_view UnitOf(std::string_view name) {
  for (const std::string_view unit : {"seconds", "bytes", "ratio"}) {
    if (name.size() > unit.size() + 1 && name.ends_with(unit) &&
        name[name.size() - unit.size() - 1] == '_') {
      return unit;
    }
  }
  return {};
}

void AppendHeader(std::string& out, const MetricFamily& family, const std::string& name,
                  ExpositionFormat format) {
  out += "# HELP " + name + " ";
  AppendEscaped(out, Sanitize(family.help, kMaxHelpBytes),
                format == ExpositionFormat::kOpenMetrics);
  out += "\n# TYPE " + name + " " + TypeName(family.type, format) + "\n";
  if (format == ExpositionFormat::kText) return;
  if (const auto unit = UnitOf(name); !unit.empty()) {
    out += "# UNIT " + name + " " + std::string(unit) + "\n";
  }
}

void AppendFamily(std::string& out, const MetricFamily& family, ExpositionFormat format) {
  if (family.metric.empty() || TypeName(family.type, format) == nullptr) return;
  std::string name = family.name, sample = family.name;
  if (format == ExpositionFormat::kOpenMetrics && family.type == MetricType::Counter) {
    if (name.ends_with(kTotal)) name.resize(name.size() - kTotal.size());
    sample = name + std::string(kTotal);
  }
  AppendHeader(out, family, name, format);
  std::unordered_set<std::string> seen;
  seen.reserve(family.metric.size());
  for (const ClientMetric& metric : family.metric) {
    const auto [labels, fresh] = seen.insert(RenderLabels(metric.label));
    if (!fresh) continue;
    out += sample;
    out += *labels;
    out += ' ';
    AppendNumber(out, ValueOf(metric, family.type));
    out += '\n';
  }
}

// The q of a media range in an Accept header, 0 if it is not there.
double Quality(std::string_view accept, std::string_view type) {
  while (!accept.empty()) {
    const size_t end = accept.find(',');
    std::string_view range = accept.substr(0, end);
    accept.remove_prefix(end == std::string_view::npos ? accept.size() : end + 1);
    while (range.starts_with(' ')) range.remove_prefix(1);
    if (!range.starts_with(type)) continue;
    const size_t at = range.find("q=");
    if (at == std::string_view::npos) return 1;
    double q = 1;
    std::from_chars(range.data() + at + 2, range.data() + range.size(), q);
    return q;
  }
  return 0;
}

}  // namespace

ExpositionFormat NegotiateExposition(std::string_view accept) {
  const double open_metrics = Quality(accept, "application/openmetrics-text");
  const double text = Quality(accept, "text/plain");
  return open_metrics > 0 && open_metrics >= text ? ExpositionFormat::kOpenMetrics
                                                  : ExpositionFormat::kText;
}

std::string_view ContentType(ExpositionFormat format) {
  return format == ExpositionFormat::kText
             ? "text/plain; version=0.0.4; charset=utf-8"
             : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

std::string RenderExposition(const std::vector<MetricFamily>& families, ExpositionFormat format) {
  std::string out;
  for (const MetricFamily& family : families) AppendFamily(out, family, format);
  if (format == ExpositionFormat::kOpenMetrics) out += "# EOF\n";
  return out;
}

}  // namespace aiops
