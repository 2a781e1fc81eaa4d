#include "ctl/backtest_figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "ctl/plot_frame.h"
#include "ctl/time_axis.h"
#include "model/band.h"
#include "model/value_range.h"
#include "text/html.h"
#include "text/human_number.h"

namespace aiops {
namespace {

constexpr size_t kMostFeatures = 3;
constexpr Duration kLeastAround = minutes(30);
constexpr Duration kMostAround = hours(6);
constexpr double kLeastScoreSeen = 2;

double Squeezed(double score) { return score / (1 + score); }

// The greatest of all entities, so that their charts have the same scales.
struct Greatest {
  double score = kLeastScoreSeen;
  double level = 0;
};

Greatest GreatestOf(const BacktestOutcome& outcome) {
  Greatest greatest;
  for (const EntityOutcome& entity : outcome.entities) {
    for (const CurvePoint& point : entity.curve) {
      if (std::isfinite(point.score))
        greatest.score = std::max<double>(greatest.score, point.score);
      if (std::isfinite(point.level))
        greatest.level = std::max<double>(greatest.level, point.level);
    }
  }
  return greatest;
}

// 0, the threshold, and of greater scores what has room.
std::vector<PlotLabel> ScoreLabels(const SvgPlot& plot, double upper) {
  constexpr double kRoom = 0.12;
  std::vector<PlotLabel> labels{{plot.Top(0), "0", ""}, {plot.Top(Squeezed(1)), "1 alert", "rule"}};
  double before = Squeezed(1);
  for (const double score : {2.0, 5.0, 20.0}) {
    const double at = Squeezed(score);
    if (at > upper || (at - before) / upper < kRoom) continue;
    labels.push_back({plot.Top(at), HumanNumber(score, ""), ""});
    before = at;
  }
  return labels;
}

Window StretchOf(const Anomaly& anomaly) {
  return {anomaly.started_at, std::max(anomaly.last_seen_at, anomaly.started_at)};
}

// Returns how many there are.
size_t MarkEpisodes(SvgPlot& plot, const EntityOutcome& entity, const BacktestOutcome& outcome,
                    const TimeZone& zone) {
  size_t episodes = 0;
  for (const Episode& episode : outcome.episodes) {
    if (episode.anomaly.key != entity.key) continue;
    ++episodes;
    plot.Mark(ToString(episode.anomaly.severity), StretchOf(episode.anomaly),
              zone.Format(episode.anomaly.started_at) + ": " + episode.anomaly.summary);
  }
  return episodes;
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

// An axis for all of `seen`, with some room, within what the feature can be.
void SetAxis(const Feature& feature, const std::vector<double>& seen, Track& track) {
  const auto [least, greatest] = std::minmax_element(seen.begin(), seen.end());
  if (seen.empty()) return;
  const double span = *greatest - *least, size = std::max(std::abs(*greatest), std::abs(*least));
  const double room = span > 1e-6 * size ? 0.05 * span : std::max(0.1 * size, 0.5);
  track.lower = *least >= 0 ? std::max(*least - room, 0.0) : *least - room;
  track.upper = *greatest + room;
  const ValueRange range = RangeOf(feature);
  if (*least >= range.least) track.lower = std::max(track.lower, range.least);
  if (*greatest <= range.most) track.upper = std::min(track.upper, range.most);
}

// The band goes on learning while it lasts, and may become very wide: the axis is for the values,
// and for the band as it was at the episode's worst sample.
Track TrackOf(const EntityOutcome& entity, size_t feature, Window window,
              const Contribution& told) {
  Track track;
  const size_t width = entity.features.size();
  std::vector<double> seen;
  for (size_t i = 0; i < entity.curve.size(); ++i) {
    const Time time = entity.curve[i].time;
    if (time < window.from || time > window.to) continue;
    const CurveBand& at = entity.bands[i * width + feature];
    track.values.push_back({time, at.value});
    track.band.push_back({time, at.lower, at.upper});
    if (std::isfinite(at.value)) seen.push_back(at.value);
  }
  for (const double edge : {told.lower, told.upper})
    if (std::isfinite(edge)) seen.push_back(edge);
  SetAxis(entity.features[feature], seen, track);
  return track;
}

std::string FeatureFigure(const Anomaly& anomaly, const Contribution& told,
                          const EntityOutcome& entity, size_t feature, Window window) {
  const Track track = TrackOf(entity, feature, window, told);
  const Feature& about = entity.features[feature];
  SvgPlot plot(window, track.lower, track.upper);
  plot.Band("band", track.band);
  plot.Mark(ToString(anomaly.severity), StretchOf(anomaly), "the episode");
  plot.Line("curve", track.values);
  return PlotFigure(Html(about.name), plot.Svg(about.name + " and its expected band"),
                    {{0, HumanNumber(track.upper, about.unit), ""},
                     {100, HumanNumber(track.lower, about.unit), ""}},
                    "");
}

}  // namespace

std::string ScoreLegend() {
  return Legend({{"curve", "score, the greatest of each stretch, and its range"},
                 {"rule", "from here on it alerts"},
                 {"level", "level: how unusual the last minutes were, without a scale"},
                 {"mark warning", "warning"},
                 {"mark critical", "critical"}});
}

std::string FeatureLegend() {
  return Legend({{"curve", "value"},
                 {"mark band", "expected; it learns what lasts"},
                 {"mark warning", "warning"},
                 {"mark critical", "critical"}});
}

std::string ScoreFigure(const EntityOutcome& entity, const BacktestOutcome& outcome,
                        const TimeZone& zone, const std::string& name) {
  const Window window{outcome.judged_from(), outcome.range.to};
  const Greatest greatest = GreatestOf(outcome);
  const double upper = std::min(1.0, 1.05 * Squeezed(greatest.score));
  SvgPlot plot(window, 0, upper);
  for (const Time midnight : Midnights(window, zone)) plot.Day("day", midnight);
  const size_t episodes = MarkEpisodes(plot, entity, outcome, zone);
  std::vector<PlotPoint> score, level;
  for (const CurvePoint& point : entity.curve) {
    score.push_back({point.time, Squeezed(point.score)});
    level.push_back({point.time, greatest.level > 0 ? upper * point.level / greatest.level : 0});
  }
  plot.Envelope("curve", "area", score);
  plot.Envelope("level", "", level);
  plot.Rule("rule", Squeezed(1));
  const std::string caption = "<bdi>" + Html(name) + "</bdi> <span class=\"soft\">" +
                              CountText(episodes, "episode") + "</span>";
  return PlotFigure(caption, plot.Svg("score of " + name), ScoreLabels(plot, upper), "tall") +
         TimeAxisRow(plot, window, zone);
}

std::vector<Contribution> ToldFeatures(const Anomaly& anomaly) {
  auto told = Deviating(anomaly.contributions, kMostFeatures);
  if (!told.empty()) return told;
  const size_t n = std::min(anomaly.contributions.size(), kMostFeatures);
  return {anomaly.contributions.begin(),
          anomaly.contributions.begin() + static_cast<std::ptrdiff_t>(n)};
}

std::string FeatureFigures(const Anomaly& anomaly, const EntityOutcome& entity,
                           const TimeZone& zone) {
  const Window episode = StretchOf(anomaly);
  const Duration around = std::clamp(episode.to - episode.from, kLeastAround, kMostAround);
  const Window window{episode.from - around, episode.to + around};
  std::string figures;
  for (const Contribution& told : ToldFeatures(anomaly))
    if (const auto feature = IndexOf(entity, told.feature))
      figures += FeatureFigure(anomaly, told, entity, *feature, window);
  if (figures.empty()) return figures;
  const SvgPlot frame(window, 0, 1);
  return EndsRow(frame, episode, zone) + figures + TimeAxisRow(frame, window, zone);
}

}  // namespace aiops
