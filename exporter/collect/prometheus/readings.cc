#include "collect/prometheus/readings.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "text/sanitize.h"

namespace aiops::prom {
namespace {

struct Found {
  double value = kMissing;
  int count = 0;
};

}  // namespace

std::string NameOf(const WantedFeature& feature) {
  return Sanitize(feature.name.empty() ? feature.expr : feature.name, 80);
}

Labels EntityLabels(const Labels& labels, const std::vector<std::string>& entity_labels) {
  Labels out;
  for (const auto& label : labels)
    if (std::find(entity_labels.begin(), entity_labels.end(), label.first) != entity_labels.end())
      out.push_back(label);
  return out;
}

std::string ManySeriesNote(const WantedFeature& feature, size_t series) {
  return "feature " + NameOf(feature) + ": the query returns " + std::to_string(series) +
         " series but the scope has no entity_labels: aggregate them, or name the labels";
}

std::string AmbiguousNote(const WantedFeature& feature, size_t entities) {
  return "feature " + NameOf(feature) + ": the query returns several series for each of " +
         std::to_string(entities) + " entities: aggregate by the scope's entity_labels";
}

bool AddReadings(const WantedFeature& feature, const Answer& answer, Collected& out) {
  if (feature.entity_labels.empty() && answer.series.size() > 1) {
    out.notes.push_back(ManySeriesNote(feature, answer.series.size()));
    return false;
  }
  std::map<Labels, Found> entities;
  for (const auto& series : answer.series) {
    auto& found = entities[EntityLabels(series.labels, feature.entity_labels)];
    found.value = series.value;
    ++found.count;
  }
  size_t ambiguous = 0;
  for (const auto& [labels, found] : entities) {
    if (found.count > 1) ++ambiguous;
    if (found.count == 1 && !IsMissing(found.value))
      out.readings.push_back({feature.ref, labels, found.value});
  }
  if (ambiguous > 0) out.notes.push_back(AmbiguousNote(feature, ambiguous));
  return ambiguous == 0;
}

void AddZeros(const std::vector<const WantedFeature*>& answered, std::vector<Reading>& readings) {
  std::map<std::uint32_t, std::set<Labels>> entities;  // by scope
  std::set<std::tuple<std::uint32_t, std::uint32_t, Labels>> present;
  for (const Reading& reading : readings) {
    entities[reading.feature.scope].insert(reading.labels);
    present.emplace(reading.feature.scope, reading.feature.feature, reading.labels);
  }
  for (const WantedFeature* feature : answered) {
    if (!feature->absent_is_zero) continue;
    const auto [scope, number] = feature->ref;
    const auto known =
        feature->entity_labels.empty() ? std::set<Labels>{Labels{}} : entities[scope];
    for (const Labels& labels : known)
      if (!present.contains({scope, number, labels})) readings.push_back({feature->ref, labels, 0});
  }
}

}  // namespace aiops::prom
