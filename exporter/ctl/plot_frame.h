// PlotFrame: a curve with its axes as HTML. The labels are text beside the SVG, which is stretched.
#pragma once

#include <string>
#include <vector>

#include "config/cron.h"
#include "ctl/svg_plot.h"

namespace aiops {

struct PlotLabel {
  double percent = 0;  // from the left, or from the top
  std::string text;
  std::string css;
};

// `caption` is HTML; so is `svg`.
std::string PlotFigure(const std::string& caption, const std::string& svg,
                       const std::vector<PlotLabel>& beside, const std::string& css);

// A row below the curves, with the times.
std::string TimeAxisRow(const SvgPlot& plot, Window window, const TimeZone& zone);

// A row above them: when the stretch begins and ends.
std::string EndsRow(const SvgPlot& plot, Window stretch, const TimeZone& zone);

struct LegendItem {
  std::string css;
  std::string text;
};
std::string Legend(const std::vector<LegendItem>& items);

}  // namespace aiops
