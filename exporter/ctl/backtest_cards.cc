#include "ctl/backtest_cards.h"

#include <algorithm>
#include <map>
#include <set>

#include "ctl/backtest_figures.h"
#include "ctl/time_axis.h"
#include "text/html.h"
#include "text/human_number.h"

namespace aiops {
namespace {

// More would be a file that a phone does not open.
constexpr size_t kMostCards = 40;
constexpr size_t kMostLines = 200;

std::string Badge(const Anomaly& a) {
  const std::string severity(ToString(a.severity));
  return "<span class=\"badge " + severity + "\">" + severity + "</span>";
}

std::string FeatureNames(const Anomaly& a) {
  std::string out;
  for (const Contribution& c : ToldFeatures(a)) out += (out.empty() ? "" : ", ") + c.feature;
  return out;
}

std::string More(size_t all, size_t most, const std::string& what) {
  if (all <= most) return "";
  return "<p class=\"soft small\">" + std::to_string(all - most) + what + "; --json has all.</p>";
}

std::string Line(const EpisodeGroup& group, size_t i) {
  const Anomaly& a = group.episodes[i]->anomaly;
  std::string time = Html(group.report->zone.Format(a.started_at));
  if (i < kMostCards) time = "<a href=\"#" + group.id + std::to_string(i) + "\">" + time + "</a>";
  return "<li>" + Badge(a) + "<span>" + time + "</span><span>" +
         Html(FormatDuration(LastedFor(a, group.report->outcome))) + "</span><bdi>" +
         Html(a.key.entity) + "</bdi><span class=\"soft\">" + Html(FeatureNames(a)) +
         "</span></li>";
}

// What moved first, where not all moved at once: the reason tells the values already.
std::string StoryHtml(const Episode& episode, const TimeZone& zone) {
  std::map<Time, std::string> moments;
  for (const StoryStep& step : episode.story.steps) {
    std::string& moment = moments[FloorTo(step.time, minutes(1))];
    moment +=
        (moment.empty() ? "" : ", ") + (step.kind == AnomalyKind::kLearned ? step.name : step.text);
  }
  if (moments.size() < 2) return "";
  std::string out;
  for (const auto& [time, what] : moments)
    out += (out.empty() ? "" : "; ") + ClockText(time, zone) + " " + what;
  return "<p class=\"soft small\"><bdi>began with " + Html(out, 1000) + "</bdi></p>";
}

std::string Curves(const Anomaly& a, const BacktestReport& report, bool folded) {
  for (const EntityOutcome& entity : report.outcome.entities) {
    if (entity.key != a.key) continue;
    const std::string figures = FeatureFigures(a, entity, report.zone);
    if (!folded || figures.empty()) return figures;
    return "<details><summary class=\"soft small\">like an earlier one: show its curves</summary>" +
           figures + "</details>";
  }
  return "";
}

std::string Card(const Episode& episode, const BacktestReport& report, const std::string& id,
                 bool folded) {
  const Anomaly& a = episode.anomaly;
  return "<article class=\"card\" id=\"" + id + "\"><h3>" + Badge(a) + "<span>" +
         Html(report.zone.Format(a.started_at)) + "</span><bdi>" + Html(a.key.entity) +
         "</bdi></h3><p><bdi>" + Html(a.summary, 1000) +
         "</bdi></p><p class=\"soft small\">lasted " +
         Html(FormatDuration(LastedFor(a, report.outcome))) + ", score " +
         Html(HumanNumber(a.score, "")) + ", scope " + Html(a.key.scope) + "</p>" +
         StoryHtml(episode, report.zone) + Curves(a, report, folded) + "</article>";
}

}  // namespace

std::string EpisodeList(const EpisodeGroup& group) {
  if (group.episodes.empty()) return "";
  std::string out = "<ol class=\"card list small\">";
  for (size_t i = 0; i < std::min(group.episodes.size(), kMostLines); ++i) out += Line(group, i);
  return out + "</ol>" + More(group.episodes.size(), kMostLines, " more are not listed");
}

std::string EpisodeCards(const EpisodeGroup& group) {
  if (group.episodes.empty()) return "";
  std::string out = "<h2>" + Html(group.heading) + "</h2>" + FeatureLegend();
  std::set<std::pair<EntityKey, std::set<std::string>>> shown;
  for (size_t i = 0; i < std::min(group.episodes.size(), kMostCards); ++i) {
    const Anomaly& a = group.episodes[i]->anomaly;
    std::set<std::string> features;
    for (const Contribution& c : ToldFeatures(a)) features.insert(c.feature);
    const bool folded = !shown.emplace(a.key, std::move(features)).second;
    out += Card(*group.episodes[i], *group.report, group.id + std::to_string(i), folded);
  }
  return out + More(group.episodes.size(), kMostCards, " more have no card");
}

}  // namespace aiops
