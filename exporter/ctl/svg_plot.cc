#include "ctl/svg_plot.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "model/sample.h"
#include "text/html.h"

namespace aiops {
namespace {

constexpr double kWidth = 1000;
constexpr double kHeight = 100;
constexpr size_t kMostPoints = 800;
constexpr size_t kColumns = 260;  // as many as a phone has pixels for it
constexpr double kLeastMark = 8;  // of kWidth: a dot on a phone

std::string Decimal(double value) {
  std::array<char, 32> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 1);
  return error == std::errc() ? std::string(text.data(), end) : "0";
}

std::string At(double x, double y) { return Decimal(x) + " " + Decimal(y); }

std::string Path(std::string_view css, const std::string& d) {
  return d.empty() ? "" : "<path class=\"" + Html(css) + "\" d=\"" + d + "\"/>";
}

}  // namespace

std::vector<PlotPoint> Thinned(const std::vector<PlotPoint>& points, Window window, size_t most) {
  if (points.size() <= most || most < 4) return points;
  std::vector<PlotPoint> out;
  const size_t stretches = most / 2;
  const Duration step = std::max<Duration>((window.to - window.from) / stretches, Duration(1));
  for (size_t begin = 0; begin < points.size();) {
    const auto stretch = (points[begin].time - window.from) / step;
    size_t least = begin, greatest = begin, end = begin;
    for (; end < points.size() && (points[end].time - window.from) / step == stretch; ++end) {
      const double value = points[end].value;
      if (std::isnan(points[least].value) || value < points[least].value) least = end;
      if (std::isnan(points[greatest].value) || value > points[greatest].value) greatest = end;
    }
    out.push_back(points[std::min(least, greatest)]);
    if (least != greatest) out.push_back(points[std::max(least, greatest)]);
    begin = end;
  }
  return out;
}

SvgPlot::SvgPlot(Window window, double lower, double upper)
    : window_(window), lower_(lower), upper_(upper) {}

double SvgPlot::X(Time time) const {
  const double all = std::max(Seconds(window_.to - window_.from), 1e-3);
  return std::clamp(Seconds(time - window_.from) / all, 0.0, 1.0) * kWidth;
}

double SvgPlot::Y(double value) const {
  return (1 - std::clamp((value - lower_) / (upper_ - lower_), 0.0, 1.0)) * kHeight;
}

std::vector<PlotPoint> SvgPlot::Within(const std::vector<PlotPoint>& points) const {
  std::vector<PlotPoint> within;
  for (const PlotPoint& point : points)
    if (Holds(point.time)) within.push_back(point);
  return within;
}

void SvgPlot::Line(std::string_view css, const std::vector<PlotPoint>& points) {
  std::string d;
  bool down = false;
  for (const PlotPoint& point : Thinned(Within(points), window_, kMostPoints)) {
    if (std::isnan(point.value)) {
      down = false;
      continue;
    }
    d += (down ? "L" : "M") + At(X(point.time), Y(point.value));
    if (!down) d += "h0";  // a lone point is a dot
    down = true;
  }
  body_ += Path(css, d);
}

std::vector<PlotBand> SvgPlot::Columns(const std::vector<PlotPoint>& points) const {
  std::vector<PlotBand> columns(kColumns, {Time{}, kMissing, kMissing});
  const Duration width = std::max<Duration>((window_.to - window_.from) / kColumns, Duration(1));
  for (size_t i = 0; i < kColumns; ++i)
    columns[i].time = window_.from + static_cast<Duration::rep>(i) * width + width / 2;
  for (const PlotPoint& point : points) {
    if (std::isnan(point.value)) continue;
    const auto i = static_cast<size_t>((point.time - window_.from) / width);
    PlotBand& column = columns[std::min(i, kColumns - 1)];
    if (!(column.lower <= point.value)) column.lower = point.value;
    if (!(column.upper >= point.value)) column.upper = point.value;
  }
  return columns;
}

void SvgPlot::Envelope(std::string_view css, std::string_view area,
                       const std::vector<PlotPoint>& points) {
  const auto within = Within(points);
  if (within.size() <= 2 * kColumns) return Line(css, within);
  std::vector<PlotBand> run;
  std::vector<PlotPoint> upper;
  for (const PlotBand& column : Columns(within)) {
    upper.push_back({column.time, column.upper});
    if (!std::isnan(column.upper)) {
      run.push_back(column);
      continue;
    }
    Fill(area, run);
    run.clear();
  }
  Fill(area, run);
  Line(css, upper);
}

void SvgPlot::Band(std::string_view css, const std::vector<PlotBand>& band) {
  std::vector<PlotBand> known;
  for (const PlotBand& edge : band)
    if (Holds(edge.time) && !std::isnan(edge.lower) && !std::isnan(edge.upper))
      known.push_back(edge);
  Fill(css, known);
}

void SvgPlot::Fill(std::string_view css, const std::vector<PlotBand>& band) {
  if (css.empty()) return;
  std::vector<PlotPoint> lower, upper;
  for (const PlotBand& edge : band) {
    lower.push_back({edge.time, edge.lower});
    upper.push_back({edge.time, edge.upper});
  }
  std::string d;
  for (const PlotPoint& p : Thinned(upper, window_, kMostPoints / 2))
    d += (d.empty() ? "M" : "L") + At(X(p.time), Y(p.value));
  auto back = Thinned(lower, window_, kMostPoints / 2);
  std::reverse(back.begin(), back.end());
  for (const PlotPoint& p : back) d += "L" + At(X(p.time), Y(p.value));
  body_ += Path(css, d.empty() ? d : d + "Z");
}

void SvgPlot::Rule(std::string_view css, double value) {
  body_ += Path(css, "M" + At(0, Y(value)) + "H" + Decimal(kWidth));
}

void SvgPlot::Day(std::string_view css, Time time) {
  if (Holds(time)) body_ += Path(css, "M" + At(X(time), 0) + "V" + Decimal(kHeight));
}

void SvgPlot::Mark(std::string_view css, Window stretch, std::string_view title) {
  const double width = std::max(X(stretch.to) - X(stretch.from), kLeastMark);
  const double x = std::min(X(stretch.from), kWidth - width);
  body_ += "<rect class=\"" + Html(css) + "\" x=\"" + Decimal(x) + "\" y=\"0\" width=\"" +
           Decimal(width) + "\" height=\"" + Decimal(kHeight) + "\"><title>" + Html(title) +
           "</title></rect>";
}

std::string SvgPlot::Svg(std::string_view label) const {
  return "<svg viewBox=\"0 0 " + Decimal(kWidth) + " " + Decimal(kHeight) +
         "\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" + Html(label) + "\">" +
         body_ + "</svg>";
}

}  // namespace aiops
