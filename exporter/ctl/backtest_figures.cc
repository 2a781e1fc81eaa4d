#include "ctl/backtest_figures.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "config/zone_rules.h"
#include "ctl/svg_plot.h"
#include "text/html.h"
#include "text/human_number.h"

namespace aiops {
namespace {

constexpr size_t kMostFeatures = 3;
constexpr Duration kLeastAround = minutes(30);
constexpr Duration kMostAround = hours(6);

std::string Figure(const std::string& svg, const std::string& caption, const std::string& upper,
                   const std::string& lower, const std::string& css) {
  return "<figure class=\"" + css + "\"><figcaption>" + caption +
         "</figcaption><div class=\"plot\">" + svg + "<span class=\"upper\">" + Html(upper) +
         "</span><span class=\"lower\">" + Html(lower) + "</span></div></figure>";
}

std::string Axis(Window window, const TimeZone& zone) {
  return "<div class=\"axis\"><span>" + Html(zone.Format(window.from)) + "</span><span>" +
         Html(zone.Format(window.to)) + "</span></div>";
}

double HighestLevel(const BacktestOutcome& outcome) {
  double highest = 0;
  for (const EntityOutcome& entity : outcome.entities)
    for (const CurvePoint& point : entity.curve)
      if (std::isfinite(point.level)) highest = std::max<double>(highest, point.level);
  return highest;
}

void DrawDays(SvgPlot& plot, Window window, const TimeZone& zone) {
  constexpr Duration kDay = hours(24);
  if (window.to - window.from > 60 * kDay) return;  // nothing would be left between them
  const ZoneRules rules(zone);
  for (Time day = FloorTo(rules.ToLocal(window.from), kDay) + kDay;; day += kDay) {
    const Time midnight = rules.FromLocal(day).first;
    if (midnight > window.to) return;
    plot.Day("day", midnight);
  }
}

Window StretchOf(const Anomaly& anomaly) {
  return {anomaly.started_at, std::max(anomaly.last_seen_at, anomaly.started_at)};
}

std::optional<size_t> IndexOf(const EntityOutcome& entity, const std::string& feature) {
  for (size_t f = 0; f < entity.features.size(); ++f)
    if (entity.features[f].name == feature) return f;
  return std::nullopt;
}

// What one feature was and was expected to be within the window.
struct Track {
  std::vector<PlotPoint> values;
  std::vector<PlotBand> band;
  double lower = 0;  // of the axis
  double upper = 1;
};

Track TrackOf(const EntityOutcome& entity, size_t feature, Window window) {
  Track track;
  const size_t width = entity.features.size();
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  const auto stretch = [&](double value) {
    if (!std::isfinite(value)) return;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  };
  for (size_t i = 0; i < entity.curve.size(); ++i) {
    const Time time = entity.curve[i].time;
    if (time < window.from || time > window.to) continue;
    const CurveBand& at = entity.bands[i * width + feature];
    track.values.push_back({time, at.value});
    track.band.push_back({time, at.lower, at.upper});
    for (const double value : {at.value, at.lower, at.upper}) stretch(value);
  }
  if (least > greatest) return track;
  const double room = std::max((greatest - least) * 0.05, std::abs(greatest) * 1e-6 + 1e-9);
  track.lower = least >= 0 ? std::max(least - room, 0.0) : least - room;
  track.upper = greatest + room;
  return track;
}

std::string FeatureFigure(const Anomaly& anomaly, const EntityOutcome& entity, size_t feature,
                          Window window) {
  const Track track = TrackOf(entity, feature, window);
  const Feature& about = entity.features[feature];
  SvgPlot plot(window, track.lower, track.upper);
  plot.Band("band", track.band);
  plot.Mark(ToString(anomaly.severity), StretchOf(anomaly), "the episode");
  plot.Line("curve", track.values);
  return Figure(plot.Svg(about.name + " and its expected band"), Html(about.name),
                HumanNumber(track.upper, about.unit), HumanNumber(track.lower, about.unit), "");
}

}  // namespace

std::string ScoreFigure(const EntityOutcome& entity, const BacktestOutcome& outcome,
                        const TimeZone& zone) {
  const Window window{outcome.range.from, outcome.range.to};
  SvgPlot plot(window, 0, 1);
  DrawDays(plot, window, zone);
  size_t episodes = 0;
  for (const Episode& episode : outcome.episodes) {
    if (episode.anomaly.key != entity.key) continue;
    ++episodes;
    plot.Mark(ToString(episode.anomaly.severity), StretchOf(episode.anomaly),
              zone.Format(episode.anomaly.started_at) + ": " + episode.anomaly.summary);
  }
  const double highest = HighestLevel(outcome);
  std::vector<PlotPoint> score, level;
  for (const CurvePoint& point : entity.curve) {
    score.push_back({point.time, point.score / (1.0 + point.score)});
    level.push_back({point.time, highest > 0 ? point.level / highest : 0});
  }
  plot.Line("level", level);
  plot.Rule("rule", 0.5);
  plot.Line("curve", score);
  const std::string name = entity.key.scope + " / " + entity.key.entity;
  return Figure(plot.Svg("score of " + name),
                "<bdi>" + Html(name) + "</bdi> <span class=\"soft\">" +
                    CountText(episodes, "episode") + "</span>",
                "", "", "tall") +
         Axis(window, zone);
}

std::string FeatureFigures(const Anomaly& anomaly, const EntityOutcome& entity,
                           const TimeZone& zone) {
  const Window episode = StretchOf(anomaly);
  const Duration around = std::clamp(episode.to - episode.from, kLeastAround, kMostAround);
  const Window window{episode.from - around, episode.to + around};
  std::string out;
  size_t drawn = 0;
  for (const Contribution& c : anomaly.contributions) {
    const auto feature = IndexOf(entity, c.feature);
    if (!feature) continue;
    if (drawn++ == kMostFeatures) break;
    out += FeatureFigure(anomaly, entity, *feature, window);
  }
  return out.empty() ? out : out + Axis(window, zone);
}

}  // namespace aiops
