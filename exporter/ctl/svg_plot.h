// SvgPlot: curves over time as one small SVG, for reports that load nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/evidence.h"

namespace aiops {

struct PlotPoint {
  Time time;
  double value = 0;  // NaN: a gap
};

struct PlotBand {
  Time time;
  double lower = 0;  // NaN: a gap
  double upper = 0;
};

// At most `most` points in time order that show the same: of each stretch of time the least and the
// greatest. A gap stays one.
std::vector<PlotPoint> Thinned(const std::vector<PlotPoint>& points, Window window, size_t most);

// What is drawn later lies above. Points outside the window are left out; values beyond the limits
// are drawn at them. CSS classes give the colours. Text is escaped.
class SvgPlot {
 public:
  // lower < upper.
  SvgPlot(Window window, double lower, double upper);

  void Line(std::string_view css, const std::vector<PlotPoint>& points);
  // A curve of more points than can be told apart: the area between the least and the greatest of
  // each column, of the class `area`, and the greatest ones as a line. Without `area` the line
  // alone.
  void Envelope(std::string_view css, std::string_view area, const std::vector<PlotPoint>& points);
  void Band(std::string_view css, const std::vector<PlotBand>& band);
  void Rule(std::string_view css, double value);  // a horizontal line
  void Day(std::string_view css, Time time);      // a vertical one
  // A stretch of time, wide enough to be seen; `title` is shown by pointing at it.
  void Mark(std::string_view css, Window stretch, std::string_view title);

  // Where they are, in percent from the left and from the top: for labels beside the curves.
  double Left(Time time) const { return X(time) / 10; }
  double Top(double value) const { return Y(value); }

  // `label` says to a screen reader what is seen.
  std::string Svg(std::string_view label) const;

 private:
  std::vector<PlotPoint> Within(const std::vector<PlotPoint>& points) const;
  std::vector<PlotBand> Columns(const std::vector<PlotPoint>& points) const;
  void Fill(std::string_view css, const std::vector<PlotBand>& band);
  double X(Time time) const;
  double Y(double value) const;
  bool Holds(Time time) const { return time >= window_.from && time <= window_.to; }

  const Window window_;
  const double lower_;
  const double upper_;
  std::string body_;
};

}  // namespace aiops
