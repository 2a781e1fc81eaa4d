#include "ctl/backtest_page.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "ctl/backtest_figures.h"
#include "text/html.h"
#include "text/human_number.h"

namespace aiops {

extern const std::string_view kBacktestCss;  // page/backtest.css

namespace {

// More would be a file that a phone does not open.
constexpr size_t kMostEntities = 12;
constexpr size_t kMostEpisodes = 40;

std::string Heading(const std::string& text) { return "<h2>" + Html(text) + "</h2>"; }

std::string TableHtml(const Table& table) {
  std::string out = "<div class=\"scroll\"><table><thead><tr>";
  for (const auto& cell : table.head) out += "<th>" + Html(cell) + "</th>";
  out += "</tr></thead><tbody>";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (const auto& cell : row) out += "<td><bdi>" + Html(cell) + "</bdi></td>";
    out += "</tr>";
  }
  return out + "</tbody></table></div>";
}

std::string Head(const BacktestReport& report) {
  return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
         "'unsafe-inline'\"><meta name=\"viewport\" content=\"width=device-width, "
         "initial-scale=1\"><title>" +
         Html(BacktestHeadline(report)) + "</title><style>" + std::string(kBacktestCss) +
         "</style></head><body>";
}

std::string Top(const BacktestReport& report, const std::string& name) {
  return "<header><p class=\"soft small\">aiopsctl backtest" + Html(name) + "</p><h1>" +
         Html(BacktestHeadline(report)) + "</h1><p class=\"soft small\"><bdi>" +
         Html(BacktestOrigin(report)) + "</bdi></p></header>";
}

std::string Notes(const std::vector<std::string>& notes) {
  if (notes.empty()) return "";
  std::string out = Heading("Beware") + "<ul class=\"card notes\">";
  for (const auto& note : notes) out += "<li><bdi>" + Html(note, 1000) + "</bdi></li>";
  return out + "</ul>";
}

size_t EpisodesOf(const EntityOutcome& entity, const BacktestOutcome& outcome) {
  return static_cast<size_t>(
      std::count_if(outcome.episodes.begin(), outcome.episodes.end(),
                    [&](const Episode& e) { return e.anomaly.key == entity.key; }));
}

// Those with most episodes first.
std::string Curves(const BacktestReport& report) {
  const BacktestOutcome& outcome = report.outcome;
  std::vector<std::pair<size_t, const EntityOutcome*>> entities;
  for (const EntityOutcome& entity : outcome.entities)
    entities.emplace_back(EpisodesOf(entity, outcome), &entity);
  std::stable_sort(entities.begin(), entities.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string out = Heading("Score") +
                    "<p class=\"soft small\">Above the dashed line it alerts; episodes are marked. "
                    "The thin curve is the level: how unusual the last minutes were.</p>";
  for (size_t i = 0; i < std::min(entities.size(), kMostEntities); ++i)
    out +=
        "<div class=\"card\">" + ScoreFigure(*entities[i].second, outcome, report.zone) + "</div>";
  if (entities.size() > kMostEntities)
    out += "<p class=\"soft small\">" + std::to_string(entities.size() - kMostEntities) +
           " entities with fewer episodes are not drawn.</p>";
  return out;
}

std::string StoryHtml(const Episode& episode, const TimeZone& zone) {
  if (episode.story.steps.size() < 2) return "";
  std::string out = "<ul class=\"soft small\">";
  for (const StoryStep& step : episode.story.steps)
    out += "<li><bdi>" + Html(zone.Format(step.time) + ": " + step.text) + "</bdi></li>";
  return out + "</ul>";
}

std::string Card(const Episode& episode, const BacktestReport& report) {
  const Anomaly& a = episode.anomaly;
  const std::string severity(ToString(a.severity));
  std::string out = "<article class=\"card\"><h3><span class=\"badge " + severity + "\">" +
                    severity + "</span><span>" + Html(report.zone.Format(a.started_at)) +
                    "</span><bdi>" + Html(a.key.entity) + "</bdi></h3><p><bdi>" +
                    Html(a.summary, 1000) + "</bdi></p><p class=\"soft small\">lasted " +
                    Html(FormatDuration(LastedFor(a, report.outcome))) + ", score " +
                    Html(HumanNumber(a.score, "")) + ", scope " + Html(a.key.scope) + "</p>";
  out += StoryHtml(episode, report.zone);
  for (const EntityOutcome& entity : report.outcome.entities)
    if (entity.key == a.key) out += FeatureFigures(a, entity, report.zone);
  return out + "</article>";
}

std::string Cards(const std::vector<const Episode*>& episodes, const BacktestReport& report) {
  std::string out;
  for (size_t i = 0; i < std::min(episodes.size(), kMostEpisodes); ++i)
    out += Card(*episodes[i], report);
  if (episodes.size() > kMostEpisodes)
    out += "<p class=\"soft small\">" + std::to_string(episodes.size() - kMostEpisodes) +
           " more are not shown; --json has all.</p>";
  return out;
}

std::string Episodes(const BacktestReport& report) {
  if (report.outcome.episodes.empty()) return "";
  std::vector<const Episode*> all;
  for (const Episode& episode : report.outcome.episodes) all.push_back(&episode);
  return Heading("Episodes") + Cards(all, report);
}

std::string Rest(const BacktestReport& report) {
  const Table held = HeldBackTable(report.outcome);
  std::string out;
  if (!held.rows.empty())
    out += Heading("Held back") + "<div class=\"card\">" + TableHtml(held) + "</div>";
  return out + Heading("Entities") + "<div class=\"card\">" +
         TableHtml(EntityTable(report.outcome)) + "</div>";
}

std::string Comparison(const BacktestReport& first, const BacktestReport& second) {
  const EpisodeMatch match = Match(first.outcome, second.outcome);
  std::string out =
      Top(second, ": B") + Heading("A and B") + "<div class=\"card\">" +
      TableHtml(CountsTable(first.outcome, second.outcome)) +
      "<p class=\"soft small\">Episodes of A that B tells, too: " + std::to_string(match.both) +
      "</p></div>";
  if (!match.only_first.empty()) out += Heading("Only in A") + Cards(match.only_first, first);
  if (!match.only_second.empty()) out += Heading("Only in B") + Cards(match.only_second, second);
  return out;
}

}  // namespace

std::string BacktestPage(const BacktestReport& report, const BacktestReport* second) {
  std::string out = Head(report) + Top(report, second == nullptr ? "" : ": A");
  if (second != nullptr) out += Comparison(report, *second);
  out += Notes(report.notes);
  if (second != nullptr && second->notes != report.notes) out += Notes(second->notes);
  out += Curves(report);
  // Those of one side only were shown with their curves above.
  out += Episodes(report) + Rest(report);
  return out + "</body></html>\n";
}

}  // namespace aiops
