#include "ctl/plot_frame.h"

#include <array>
#include <charconv>

#include "ctl/time_axis.h"
#include "text/html.h"

namespace aiops {
namespace {

constexpr size_t kMostTicks = 8;
constexpr double kEdge = 6;  // percent: a label in the middle would stick out

std::string Percent(double value) {
  std::array<char, 32> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 2);
  return (error == std::errc() ? std::string(text.data(), end) : "0") + "%";
}

std::string At(const std::string& side, double percent, const std::string& css,
               const std::string& text) {
  return "<span class=\"" + css + "\" style=\"" + side + ":" + Percent(percent) + "\">" +
         Html(text) + "</span>";
}

std::string Row(const std::string& css, const std::string& labels) {
  return "<div class=\"row " + css + "\"><div></div><div class=\"at\">" + labels + "</div></div>";
}

}  // namespace

std::string PlotFigure(const std::string& caption, const std::string& svg,
                       const std::vector<PlotLabel>& beside, const std::string& css) {
  std::string labels;
  for (const PlotLabel& label : beside) {
    const char* edge = label.percent < kEdge         ? " first"
                       : label.percent > 100 - kEdge ? " last"
                                                     : "";
    labels += At("top", label.percent, label.css + edge, label.text);
  }
  return "<figure class=\"" + css + "\"><figcaption>" + caption +
         "</figcaption><div class=\"row plot\"><div class=\"beside\">" + labels + "</div>" + svg +
         "</div></figure>";
}

std::string TimeAxisRow(const SvgPlot& plot, Window window, const TimeZone& zone) {
  std::string labels;
  bool minor = false;
  for (const TimeTick& tick : TimeTicks(window, zone, kMostTicks)) {
    const double left = plot.Left(tick.time);
    std::string css = minor ? "minor" : "";
    if (left < kEdge) css += " first";
    if (left > 100 - kEdge) css += " last";
    labels += At("left", left, css, tick.label);
    minor = !minor;
  }
  return Row("axis", labels);
}

std::string EndsRow(const SvgPlot& plot, Window stretch, const TimeZone& zone) {
  return Row("ends", At("right", 100 - plot.Left(stretch.from), "", ClockText(stretch.from, zone)) +
                         At("left", plot.Left(stretch.to), "", ClockText(stretch.to, zone)));
}

std::string Legend(const std::vector<LegendItem>& items) {
  std::string out = "<ul class=\"legend soft small\">";
  for (const LegendItem& item : items)
    out += "<li><i class=\"" + item.css + "\"></i>" + Html(item.text) + "</li>";
  return out + "</ul>";
}

}  // namespace aiops
