#include "pipeline/story.h"

#include <algorithm>
#include <map>

#include "text/human_number.h"

namespace aiops {
namespace {

constexpr Duration kBefore = minutes(30);
constexpr Duration kMostSamples = hours(6);
constexpr size_t kMostAnomalies = 20;

using Names = std::map<std::uint64_t, std::vector<std::string>>;

double ValueOf(const Sample& sample, const Names& names, const std::string& feature) {
  const auto found = names.find(sample.schema);
  if (found == names.end()) return kMissing;
  const auto& features = found->second;
  const auto at = std::find(features.begin(), features.end(), feature);
  const auto i = static_cast<size_t>(at - features.begin());
  return i < std::min(features.size(), sample.values.size()) ? sample.values[i] : kMissing;
}

// NaN, a value that is missing or a band that is not known, is not outside.
bool Outside(double value, const Contribution& c) { return value < c.lower || value > c.upper; }

std::optional<Time> BeginOf(const Contribution& c, Time episode, const std::vector<Sample>& samples,
                            const Names& names) {
  std::optional<Time> begin;
  Time last;
  for (const Sample& sample : samples) {
    if (Outside(ValueOf(sample, names, c.feature), c)) {
      if (!begin) begin = sample.time;
      last = sample.time;
    } else if (begin && last < episode) {
      begin.reset();  // over before the episode
    } else if (begin) {
      return begin;
    }
  }
  return last < episode ? std::nullopt : begin;
}

std::string TextOf(const Contribution& c) {
  std::string text = c.feature + " reached " + HumanNumber(c.value, c.unit);
  if (!IsMissing(c.lower) && !IsMissing(c.upper)) {
    text += ", expected " + HumanNumber(c.lower, c.unit) + " to " + HumanNumber(c.upper, c.unit);
  }
  return text;
}

}  // namespace

std::vector<StoryStep> TellStory(const std::vector<Anomaly>& episodes,
                                 const std::vector<Sample>& samples,
                                 const std::vector<SchemaRow>& schemas) {
  Names names;
  for (const SchemaRow& row : schemas) names[row.schema] = row.features;
  std::vector<StoryStep> steps;
  for (const Anomaly& a : episodes) {
    if (a.kind == AnomalyKind::kFact)
      steps.push_back({a.started_at, a.id, a.kind, a.fact, a.object, a.summary});
    for (const Contribution& c : a.contributions)
      steps.push_back(
          {BeginOf(c, a.started_at, samples, names), a.id, a.kind, c.feature, "", TextOf(c)});
  }
  std::stable_sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) {
    return a.time.has_value() != b.time.has_value() ? a.time.has_value() : a.time < b.time;
  });
  return steps;
}

Result<std::vector<StoryStep>> ReadStory(const Store& store, const Anomaly& anomaly) {
  const Time begin = anomaly.started_at - kBefore;
  AnomalyQuery query;
  query.since = begin;
  query.until = anomaly.ended_at.value_or(anomaly.last_seen_at) + Duration(1);
  query.entity = anomaly.key.entity;
  query.scope = anomaly.key.scope;
  query.limit = kMostAnomalies;
  AIOPS_TRY(auto episodes, store.ReadAnomalies(query));
  const auto is_it = [&](const Anomaly& a) { return a.id == anomaly.id; };
  if (std::none_of(episodes.begin(), episodes.end(), is_it)) episodes.push_back(anomaly);
  AIOPS_TRY(const auto samples,
            store.ReadSamples({anomaly.key, begin,
                               std::min(anomaly.last_seen_at, anomaly.started_at + kMostSamples),
                               std::nullopt, 0}));
  AIOPS_TRY(const auto schemas, store.ReadSchemas());
  return TellStory(episodes, samples, schemas);
}

}  // namespace aiops
