#include "ctl/backtest_page.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "ctl/backtest_cards.h"
#include "ctl/backtest_figures.h"
#include "ctl/backtest_habit.h"
#include "text/html.h"

namespace aiops {

extern const std::string_view kBacktestCss;  // page/backtest.css

namespace {

// More would be a file that a phone does not open.
constexpr size_t kMostEntities = 12;

using Reports = std::vector<const BacktestReport*>;  // one, or A and B

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

const EntityOutcome* Find(const EntityKey& key, const BacktestReport& report) {
  for (const EntityOutcome& entity : report.outcome.entities)
    if (entity.key == key) return &entity;
  return nullptr;
}

size_t EpisodesOf(const EntityKey& key, const BacktestReport& report) {
  return static_cast<size_t>(std::count_if(report.outcome.episodes.begin(),
                                           report.outcome.episodes.end(),
                                           [&](const Episode& e) { return e.anomaly.key == key; }));
}

// Of all reports, those with most episodes first.
std::vector<EntityKey> EntitiesOf(const Reports& reports) {
  std::map<EntityKey, size_t> found;
  for (const BacktestReport* report : reports)
    for (const EntityOutcome& entity : report->outcome.entities)
      found[entity.key] += EpisodesOf(entity.key, *report);
  std::vector<EntityKey> keys;
  for (const auto& [key, episodes] : found) keys.push_back(key);
  std::stable_sort(keys.begin(), keys.end(),
                   [&](const EntityKey& a, const EntityKey& b) { return found[a] > found[b]; });
  return keys;
}

// A card with a chart of each report.
std::string ScoreCard(const EntityKey& key, const Reports& reports) {
  std::string out = "<div class=\"card\">";
  for (size_t i = 0; i < reports.size(); ++i) {
    const EntityOutcome* entity = Find(key, *reports[i]);
    const std::string side = reports.size() < 2 ? "" : i == 0 ? "A: " : "B: ";
    if (entity != nullptr)
      out += ScoreFigure(*entity, reports[i]->outcome, reports[i]->zone,
                         side + key.scope + " / " + key.entity);
  }
  return out + "</div>";
}

std::string Scores(const Reports& reports) {
  const auto keys = EntitiesOf(reports);
  std::string out = Heading("Score") + ScoreLegend();
  for (size_t i = 0; i < std::min(keys.size(), kMostEntities); ++i)
    out += ScoreCard(keys[i], reports);
  if (keys.size() > kMostEntities)
    out += "<p class=\"soft small\">" + std::to_string(keys.size() - kMostEntities) +
           " entities with fewer episodes are not drawn.</p>";
  return out;
}

std::vector<EpisodeGroup> GroupsOf(const Reports& reports) {
  std::vector<const Episode*> all, both;
  for (const Episode& episode : reports[0]->outcome.episodes) all.push_back(&episode);
  if (reports.size() < 2) return {{"Episodes", "e", reports[0], all}};
  const EpisodeMatch match = Match(reports[0]->outcome, reports[1]->outcome);
  const auto& only = match.only_first;
  for (const Episode* episode : all)
    if (std::find(only.begin(), only.end(), episode) == only.end()) both.push_back(episode);
  return {{"Only in A", "a", reports[0], only},
          {"Only in B", "b", reports[1], match.only_second},
          {"In both, as A tells them", "c", reports[0], both}};
}

std::string HabitsOf(const BacktestReport& report) {
  std::string out;
  for (const auto& text : HabitTexts(Habits(report.outcome, report.zone)))
    out += "<p class=\"soft small\"><bdi>" + Html(text) + ".</bdi></p>";
  return out;
}

std::string Lists(const std::vector<EpisodeGroup>& groups) {
  if (groups.size() < 2)
    return groups[0].episodes.empty() ? "" : Heading("All episodes") + EpisodeList(groups[0]);
  std::string out;
  for (const EpisodeGroup& group : groups)
    out += Heading(group.heading) +
           (group.episodes.empty() ? "<p class=\"soft small\">nothing</p>" : EpisodeList(group));
  return out;
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
  const size_t both = Match(first.outcome, second.outcome).both;
  return Top(second, ": B") + Heading("A and B") + "<div class=\"card\">" +
         TableHtml(CountsTable(first.outcome, second.outcome)) +
         "<p class=\"soft small\">Episodes of A that B tells, too: " + std::to_string(both) +
         "</p></div>";
}

}  // namespace

std::string BacktestPage(const BacktestReport& report, const BacktestReport* second) {
  Reports reports{&report};
  if (second != nullptr) reports.push_back(second);
  std::string out = Head(report) + Top(report, second == nullptr ? "" : ": A");
  if (second != nullptr) out += Comparison(report, *second);
  out += Notes(report.notes);
  if (second != nullptr && second->notes != report.notes) out += Notes(second->notes);
  const auto groups = GroupsOf(reports);
  out += Lists(groups) + HabitsOf(report) + Scores(reports);
  for (const EpisodeGroup& group : groups) out += EpisodeCards(group);
  return out + Rest(report) + "</body></html>\n";
}

}  // namespace aiops
