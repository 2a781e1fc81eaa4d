#include "pipeline/story.h"

#include <algorithm>
#include <set>
#include <utility>

#include "model/band.h"
#include "text/human_number.h"

namespace aiops {
namespace {

constexpr Duration kBefore = minutes(30);
constexpr Duration kMostSamples = hours(6);
constexpr size_t kMostFacts = 20;

double ValueOf(const Sample& sample, const SchemaNames& names, const std::string& feature) {
  const auto found = names.find(sample.schema);
  if (found == names.end()) return kMissing;
  const auto& features = found->second;
  const auto at = std::find(features.begin(), features.end(), feature);
  const auto i = static_cast<size_t>(at - features.begin());
  return i < std::min(features.size(), sample.values.size()) ? sample.values[i] : kMissing;
}

// The sample with which it began; null: they do not tell.
const Sample* BeginOf(const Contribution& c, Time episode, const std::vector<Sample>& samples,
                      const SchemaNames& names) {
  const Sample* begin = nullptr;
  Time last;
  for (const Sample& sample : samples) {
    if (IsOutside(ValueOf(sample, names, c.feature), c.lower, c.upper)) {
      if (begin == nullptr) begin = &sample;
      last = sample.time;
    } else if (begin != nullptr && last < episode) {
      begin = nullptr;  // over before the episode
    } else if (begin != nullptr) {
      return begin;
    }
  }
  return last < episode ? nullptr : begin;
}

// The farthest that it went from then on, on the side on which it was at the worst sample.
double FarthestOf(const Contribution& c, const Sample* begin, const std::vector<Sample>& samples,
                  const SchemaNames& names) {
  double farthest = c.value;
  for (const Sample* sample = begin; sample != samples.data() + samples.size(); ++sample) {
    const double value = ValueOf(*sample, names, c.feature);
    if (c.value > c.upper ? value > farthest : value < farthest) farthest = value;
  }
  return farthest;
}

// Its value at the moment when it began, and the farthest one where that is another.
std::string TextOf(const Contribution& c, double begin, double farthest) {
  const std::string then = HumanNumber(begin, c.unit), later = HumanNumber(farthest, c.unit);
  return c.feature + " " + then + ", expected " + BandText(c.lower, c.upper, c.unit) +
         (then == later
              ? ""
              : std::string("; later ") + (c.value > c.upper ? "up" : "down") + " to " + later);
}

void Sort(std::vector<StoryStep>& steps) {
  std::stable_sort(steps.begin(), steps.end(),
                   [](const StoryStep& a, const StoryStep& b) { return a.time < b.time; });
}

Result<std::vector<Anomaly>> ReadAlike(const Store& store, const Anomaly& anomaly,
                                       AnomalyQuery query) {
  query.entity = anomaly.key.entity;
  query.scope = anomaly.key.scope;
  return store.ReadAnomalies(query);
}

// The learned episode that the story is about.
Result<std::optional<Anomaly>> LearnedOf(const Store& store, const Anomaly& anomaly) {
  if (anomaly.kind == AnomalyKind::kLearned) return std::optional(anomaly);
  AIOPS_TRY(auto found, ReadAlike(store, anomaly,
                                  {.since = anomaly.started_at,
                                   .until = anomaly.started_at + Duration(1),
                                   .kind = AnomalyKind::kLearned,
                                   .limit = 1}));
  return found.empty() ? std::optional<Anomaly>() : std::optional(std::move(found.front()));
}

Result<Story> ReadFeatures(const Store& store, const Anomaly& learned) {
  AIOPS_TRY(const auto before, ReadAlike(store, learned,
                                         {.until = learned.started_at,
                                          .kind = AnomalyKind::kLearned,
                                          .before_id = learned.id,
                                          .limit = 1}));
  Time after = learned.started_at - kBefore;
  if (!before.empty()) {
    const Time end = before.front().ended_at.value_or(before.front().last_seen_at);
    if (end < learned.started_at) after = std::max(after, end);
  }
  const Time until = std::min(learned.last_seen_at, learned.started_at + kMostSamples);
  AIOPS_TRY(const auto samples, store.ReadSamples({learned.key, after, until, std::nullopt, 0}));
  AIOPS_TRY(const SchemaNames schemas, ReadSchemaNames(store));
  return TellFeatures(learned, samples, schemas);
}

// Facts that held between `begin` and the anomaly's end, oldest first; of those that came again
// the first, of the anomaly's own kind itself.
Result<std::vector<Anomaly>> ReadFacts(const Store& store, const Anomaly& anomaly, Time begin) {
  AIOPS_TRY(auto found,
            ReadAlike(store, anomaly,
                      {.since = begin,
                       .until = anomaly.ended_at.value_or(anomaly.last_seen_at) + Duration(1),
                       .kind = AnomalyKind::kFact,
                       .limit = kMostFacts}));
  std::vector<Anomaly> out;
  if (anomaly.kind == AnomalyKind::kFact) out.push_back(anomaly);
  std::set<std::pair<std::string, std::string>> told;
  for (const Anomaly& a : out) told.emplace(a.fact, a.object);
  for (auto a = found.rbegin(); a != found.rend(); ++a)
    if (told.emplace(a->fact, a->object).second) out.push_back(std::move(*a));
  return out;
}

}  // namespace

Story TellFeatures(const Anomaly& learned, const std::vector<Sample>& samples,
                   const SchemaNames& names) {
  Story story;
  std::string untold;
  for (const Contribution& c : learned.contributions) {
    if (!IsOutside(c.value, c.lower, c.upper)) continue;
    if (const Sample* begin = BeginOf(c, learned.started_at, samples, names)) {
      story.steps.push_back(
          {begin->time, learned.id, learned.kind, c.feature, "",
           TextOf(c, ValueOf(*begin, names, c.feature), FarthestOf(c, begin, samples, names))});
    } else {
      untold += (untold.empty() ? "" : ", ") + c.feature;
    }
  }
  if (!untold.empty())
    story.gap = "Since when " + untold + " deviated cannot be told: no values of then are kept.";
  Sort(story.steps);
  return story;
}

Result<Story> ReadStory(const Store& store, const Anomaly& anomaly) {
  AIOPS_TRY(const auto learned, LearnedOf(store, anomaly));
  Story story;
  if (learned) {
    AIOPS_TRY(story, ReadFeatures(store, *learned));
  }
  Time begin = anomaly.started_at;
  if (!story.steps.empty()) begin = std::min(begin, story.steps.front().time);
  AIOPS_TRY(const auto facts, ReadFacts(store, anomaly, begin));
  for (const Anomaly& a : facts)
    story.steps.push_back({a.started_at, a.id, a.kind, a.fact, a.object, a.summary});
  Sort(story.steps);
  return story;
}

}  // namespace aiops
