#include "collect/prometheus/answer.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "text/sanitize.h"

namespace aiops::prom {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr size_t kMaxLabels = 64;
constexpr size_t kMaxWarnings = 10;
constexpr size_t kQuotedBytes = 200;

Error Unexpected(std::string_view what) {
  return Corruption("the answer is not what Prometheus answers: " + std::string(what));
}

std::string_view Text(const object& parent, std::string_view key) {
  std::string_view text;
  if (parent.at_key(key).get(text) != simdjson::SUCCESS) return {};
  return text;
}

// Samples are strings so that NaN and the infinities survive JSON; those are missing here.
std::optional<double> ParseNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  return error == std::errc() && std::isfinite(value) ? value : kMissing;
}

struct Point {
  double time = 0;
  double value = kMissing;
};

// [1700000000.123, "42.5"]
Result<Point> ParsePoint(const element& pair) {
  array parts;
  if (pair.get(parts) != simdjson::SUCCESS || parts.size() != 2) return Unexpected("no sample");
  Point point;
  std::string_view text;
  if (parts.at(0).get(point.time) != simdjson::SUCCESS ||
      parts.at(1).get(text) != simdjson::SUCCESS)
    return Unexpected("no sample");
  const auto value = ParseNumber(text);
  if (!value) return Unexpected("a sample is no number");
  point.value = *value;
  return point;
}

Result<Labels> ParseLabels(const object& series) {
  Labels labels;
  object metric;
  if (series.at_key("metric").get(metric) != simdjson::SUCCESS) return Unexpected("no labels");
  for (const auto& [name, value] : metric) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return Unexpected("a label is no text");
    if (name == "__name__" || text.empty() || !IsLabelName(name)) continue;
    if (labels.size() == kMaxLabels) break;
    labels.emplace_back(name, Sanitize(text));
  }
  std::sort(labels.begin(), labels.end());
  const auto same_name = [](const auto& a, const auto& b) { return a.first == b.first; };
  labels.erase(std::unique(labels.begin(), labels.end(), same_name), labels.end());
  return labels;
}

Result<Series> ParseSeries(const element& item) {
  object parts;
  if (item.get(parts) != simdjson::SUCCESS) return Unexpected("no series");
  Series series;
  AIOPS_TRY(series.labels, ParseLabels(parts));
  element value;
  if (parts.at_key("value").get(value) != simdjson::SUCCESS) {
    // A native histogram is not one number.
    if (parts.at_key("histogram").error() == simdjson::SUCCESS) return series;
    return Unexpected("a series without a value");
  }
  AIOPS_TRY(const auto point, ParsePoint(value));
  series.value = point.value;
  return series;
}

Result<RangeSeries> ParseRangeSeries(const element& item) {
  object parts;
  if (item.get(parts) != simdjson::SUCCESS) return Unexpected("no series");
  RangeSeries series;
  AIOPS_TRY(series.labels, ParseLabels(parts));
  array values;
  if (parts.at_key("values").get(values) != simdjson::SUCCESS) return series;
  for (const element pair : values) {
    AIOPS_TRY(const auto point, ParsePoint(pair));
    if (IsMissing(point.value) || !(std::abs(point.time) < 1e12)) continue;
    series.points.emplace_back(FromUnixMillis(std::llround(point.time * 1e3)), point.value);
  }
  return series;
}

template <class Item, class Parse>
Result<std::vector<Item>> ParseAll(const array& items, size_t max_series, Parse parse) {
  std::vector<Item> out;
  for (const element item : items) {
    if (out.size() == max_series)
      return Corruption("more than " + std::to_string(max_series) +
                        " series: aggregate in the query, or raise collect.prometheus.max_series");
    AIOPS_TRY(auto parsed, parse(item));
    out.push_back(std::move(parsed));
  }
  return out;
}

// An answer that is not 200, or says {"status":"error"}.
Error ErrorOf(const HttpResponse& response, const object* root) {
  const auto type = root ? Text(*root, "errorType") : std::string_view();
  const auto text = root ? Text(*root, "error") : std::string_view();
  if (type.empty() && text.empty()) return StatusError(response, "query");
  auto error = StatusError({.status = response.status, .headers = response.headers}, "query");
  if (response.status == 200) error.kind = ErrorKind::kUnavailable;
  if (type == "timeout") error.kind = ErrorKind::kTimeout;
  error.message += ": " + Sanitize(type, 40) + ": " + Sanitize(text, kQuotedBytes);
  return error;
}

bool IsRemarkOnTheQuery(std::string_view warning) {
  return warning.starts_with("PromQL warning:") || warning.starts_with("PromQL info:");
}

template <class Out>
void TakeWarnings(const object& root, Out& out) {
  bool partial = false;
  if (root.at_key("isPartial").get(partial) == simdjson::SUCCESS) out.partial = partial;
  array warnings;
  if (root.at_key("warnings").get(warnings) != simdjson::SUCCESS) return;
  for (const element item : warnings) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) text = "(a warning that is no text)";
    out.partial = out.partial || !IsRemarkOnTheQuery(text);
    if (out.warnings.size() < kMaxWarnings) out.warnings.push_back(Sanitize(text, kQuotedBytes));
  }
}

// The root and the data of a successful answer; they live as long as the parser.
struct Parsed {
  object root;
  object data;
  std::string_view type;
};

Result<Parsed> ParseRoot(simdjson::dom::parser& parser, const HttpResponse& response) {
  element document;
  Parsed out;
  const auto broken = parser.parse(response.body).get(document);
  const bool is_object = broken == simdjson::SUCCESS && document.get(out.root) == simdjson::SUCCESS;
  if (response.status != 200) return ErrorOf(response, is_object ? &out.root : nullptr);
  if (!is_object) return Unexpected(broken ? simdjson::error_message(broken) : "no object");
  if (Text(out.root, "status") == "error") return ErrorOf(response, &out.root);
  if (Text(out.root, "status") != "success") return Unexpected("no status");
  if (out.root.at_key("data").get(out.data) != simdjson::SUCCESS) return Unexpected("no data");
  out.type = Text(out.data, "resultType");
  return out;
}

}  // namespace

Result<Answer> ParseAnswer(const HttpResponse& response, size_t max_series) {
  simdjson::dom::parser parser;
  AIOPS_TRY(const auto parsed, ParseRoot(parser, response));
  Answer answer;
  TakeWarnings(parsed.root, answer);
  element result;
  if (parsed.data.at_key("result").get(result) != simdjson::SUCCESS) return Unexpected("no result");
  if (parsed.type == "scalar") {
    AIOPS_TRY(const auto point, ParsePoint(result));
    answer.scalar = true;
    answer.series.push_back({{}, point.value});
    return answer;
  }
  array items;
  if (parsed.type != "vector" || result.get(items) != simdjson::SUCCESS)
    return InvalidArgument("the result is a " + Sanitize(parsed.type, 40) +
                           ": the expression must give a vector or a scalar");
  AIOPS_TRY(answer.series, ParseAll<Series>(items, max_series, ParseSeries));
  return answer;
}

Result<RangeAnswer> ParseRangeAnswer(const HttpResponse& response, size_t max_series) {
  simdjson::dom::parser parser;
  AIOPS_TRY(const auto parsed, ParseRoot(parser, response));
  RangeAnswer answer;
  TakeWarnings(parsed.root, answer);
  array items;
  if (parsed.type != "matrix" || parsed.data.at_key("result").get(items) != simdjson::SUCCESS)
    return Unexpected("no matrix");
  AIOPS_TRY(answer.series, ParseAll<RangeSeries>(items, max_series, ParseRangeSeries));
  return answer;
}

}  // namespace aiops::prom
