#include "pipeline/why.h"

#include <algorithm>
#include <array>

#include "model/band.h"
#include "pipeline/history_progress.h"
#include "pipeline/projection.h"
#include "pipeline/summary.h"
#include "text/human_number.h"

namespace aiops {
namespace {

constexpr int kIntervalsAround = 5;
constexpr size_t kMostOpen = 20;
constexpr Duration kGatherTime = seconds(30);  // until a tick's sample is stored

constexpr std::array<std::string_view, 6> kKnowledge{"judged",  "not_judged", "no_sample",
                                                     "nothing", "not_kept",   "not_yet"};

// As people read it.
std::string Moment(Time time) { return FormatTime(FloorTo(time, seconds(1))); }

std::string OfJudgement(const Judgement& j) {
  const std::string score = "score " + ScoreText(j.score) + ", threshold " + ScoreText(j.threshold);
  const std::string gate(GateReason(j.gate));
  switch (j.verdict) {
    case Verdict::kUnknown:
      return "No verdict: " + (gate.empty() ? "there was nothing to judge by" : gate) + ".";
    case Verdict::kNormal:
      if (gate.empty() && !Deviating(j.features, 1).empty())
        return "Quiet: what was outside its band was not enough for an alarm (" + score + ").";
      return "Quiet: nothing was unusual (" + score + ")" +
             (gate.empty() ? "" : "; what deviated did not count: " + gate) + ".";
    case Verdict::kLogOnly:
      if (j.gate == Gate::kPersistence)
        return "Quiet although it looked like a warning (" + score + "): " + gate + ".";
      return "Quiet: one feature alone was unusual, which is logged and not told (" + score + ").";
    default:
      if (gate.empty())
        return "Not quiet: " + std::string(ToString(j.verdict)) + " (" + score + ").";
      return "Quiet although it looked like " + std::string(ToString(j.verdict)) + " (" + score +
             "): " + gate + ".";
  }
}

std::string Between(const Store::Neighbours& n) {
  std::string out;
  if (n.before) out += " after " + Moment(*n.before);
  if (n.after) out += (n.before ? " and" : "") + (" before " + Moment(*n.after));
  return out;
}

// "comes in 3m47s", or "is due".
std::string Coming(Time next, Time now) {
  if (next < now + seconds(1)) return "is due";
  return "comes in " + FormatDuration((next - now) / seconds(1) * seconds(1));
}

std::string OfUnjudged(const WhyAnswer& a, const WhyQuestion& q, Time now) {
  const std::string sample = "The sample of " + Moment(*a.sampled_at);
  const std::string next = q.next_round ? Coming(*q.next_round, now) : "";
  if (!a.from_history)
    return sample + " is stored, but no round has judged it: the next " +
           (next.empty() ? "round or the next start does." : "one " + next + ".");
  return sample +
         " was read from the history of the sources: it is learned and never judged; `aiopsctl "
         "backtest` tells what would have been said." +
         (q.open_until && !next.empty() ? " Nothing newer was judged; the next round " + next + "."
                                        : "");
}

std::string WordsOf(const WhyAnswer& a, const WhyQuestion& q, Time now) {
  switch (a.knowledge) {
    case Knowledge::kJudged:
      return OfJudgement(*a.judgement);
    case Knowledge::kNotJudged:
      return OfUnjudged(a, q, now);
    case Knowledge::kNoSample:
      return "Not judged: the daemon ran, but nothing of this entity was collected" +
             Between(a.samples) + ".";
    case Knowledge::kNothing:
      return "Not judged: nothing at all was collected" + Between(a.samples) +
             ": the daemon was down, the machine slept, or no source answered.";
    case Knowledge::kNotKept:
      return "Nothing is kept of that time: the oldest sample is of " + Moment(*a.samples.after) +
             ".";
    case Knowledge::kNotYet:
      break;
  }
  return "The interval of " + Moment(q.at) + " is not over yet.";
}

void AddFeatures(WhyAnswer& a) {
  if (!a.judgement || a.judgement->features.empty()) return;
  const auto& features = a.judgement->features;
  const auto outside = Deviating(features, features.size());
  if (outside.empty()) {
    a.words += " It was " + CombinationText(features, features.size()) + ".";
    return;
  }
  a.words += " Mainly ";
  for (const Contribution& c : outside)
    a.words += (&c == &outside.front() ? "" : ", ") + FeatureText(c, HeldBack(c.gate));
  a.words += ".";
}

void AddCoverage(WhyAnswer& a) {
  if (a.missing.empty()) return;
  a.words += " Without a value:";
  for (const auto& name : a.missing) a.words += (name == a.missing.front() ? " " : ", ") + name;
  a.words += ".";
}

// The same of one moment in the midst of an anomaly.
std::string ForTheMoment(std::string words) {
  constexpr std::string_view kQuiet = "Quiet: ", kAlthough = "Quiet although ";
  if (words.starts_with(kQuiet)) return "At this moment " + words.substr(kQuiet.size());
  return "At this moment it was no alarm although " + words.substr(kAlthough.size());
}

std::string WhenItCloses(const WhyAnswer& a, const WhyQuestion& q) {
  const bool learned = std::any_of(a.open.begin(), a.open.end(), [&](const Anomaly& open) {
    return open.fact.empty() && open.started_at <= q.at;
  });
  if (!learned || q.close_after.empty()) return "";
  return " What was learned closes after " + q.close_after +
         " quiet samples in a row (detect.close_after).";
}

// What was open goes first: whoever was told of it was not left in the quiet.
void AddOpen(WhyAnswer& a, const WhyQuestion& q) {
  std::string then, since;
  for (const Anomaly& open : a.open) {
    const bool later = open.started_at > q.at;
    (later ? since : then) += std::string(later ? " Opened since" : " Open then") + ": anomaly " +
                              std::to_string(open.id) + ", " +
                              std::string(ToString(open.severity)) + ", " +
                              (open.fact.empty() ? "learned" : open.fact) +
                              (open.object.empty() ? "" : " " + open.object) + ".";
  }
  if (!then.empty() && a.words.starts_with("Quiet"))
    a.words = "Not quiet." + then + " " + ForTheMoment(a.words) + WhenItCloses(a, q) + since;
  else
    a.words += then + since;
}

// The first sample at or after the moment, if its interval holds the moment.
Result<std::optional<Sample>> SampleOf(const Store& store, const WhyQuestion& q) {
  AIOPS_TRY(auto samples, store.ReadSamples({q.key, q.at - Duration(1),
                                             q.at + q.interval - Duration(1), std::nullopt, 0}));
  if (samples.empty()) return std::optional<Sample>();
  return std::optional(std::move(samples.front()));
}

// `names`: of what the sample held; none if nobody knows.
void Describe(WhyAnswer& a, const std::vector<std::string>& names, const Sample& sample) {
  a.sampled_at = sample.time;
  a.coverage = Coverage(sample.values);
  for (size_t i = 0; i < std::min(names.size(), sample.values.size()); ++i)
    if (IsMissing(sample.values[i])) a.missing.push_back(names[i]);
  for (const Judgement& j : a.around)
    if (j.time == sample.time) a.judgement = j;
  a.knowledge = a.judgement ? Knowledge::kJudged : Knowledge::kNotJudged;
}

// What a source told late is judged by the next round, but not what its history told.
Result<bool> IsFromHistory(const Store& store, const Sample& sample) {
  if ((sample.flags & kBackfill) == 0) return false;
  AIOPS_TRY(const auto until, HistoryUntil(store, sample.key.scope));
  return until && sample.time <= *until;
}

Knowledge WithoutSample(const WhyAnswer& a, const Store::Neighbours& any, const WhyQuestion& q,
                        Time now) {
  if (q.at + q.interval + kGatherTime > now) return Knowledge::kNotYet;
  if (a.daemon_ran == true) return Knowledge::kNoSample;
  return !any.before && !a.samples.before && a.samples.after ? Knowledge::kNotKept
                                                             : Knowledge::kNothing;
}

}  // namespace

std::string_view GateReason(Gate gate) {
  constexpr std::array<std::string_view, kGateCount> kReasons{
      "",
      "it deviated in the direction that is not bad",
      "the deviation was smaller than the feature's least (min_deviation, min_relative_deviation)",
      "it was still warming up",
      "too few features had values",
      "it had not lasted long enough",
      "a maintenance window was in force",
      "a mute was in force",
      "alerts in close succession had raised the bar (run budget)",
      "the day's budget of messages was used up",
      "it was read or judged later than it happened, as after a downtime: that is learned from and "
      "never told",
      "the machine had just started (boot grace)",
      "too few events to judge a ratio by (the feature's min_count)",
      "the value was one that it cannot have (the feature's range)",
      "the same was marked as expected at this time of day, and was hardly weaker"};
  return kReasons.at(static_cast<size_t>(gate));
}

std::string_view ToString(Knowledge knowledge) {
  return kKnowledge.at(static_cast<size_t>(knowledge));
}

Result<std::optional<WhyAnswer>> ExplainWhy(const Store& store, const WhyQuestion& q, Time now) {
  WhyAnswer a;
  AIOPS_TRY(a.samples, store.SamplesAround(q.key, q.at));
  AIOPS_TRY(a.open, store.ReadAnomalies({.since = q.at,
                                         .until = q.open_until.value_or(q.at) + Duration(1),
                                         .entity = q.key.entity,
                                         .scope = q.key.scope,
                                         .limit = kMostOpen}));
  if (!a.samples.before && !a.samples.after && a.open.empty()) return std::optional<WhyAnswer>();
  AIOPS_TRY(a.around, store.ReadJudgements(q.key, {q.at - kIntervalsAround * q.interval,
                                                   q.at + kIntervalsAround * q.interval}));
  AIOPS_TRY(const auto any, store.SamplesAround(std::nullopt, q.at - Duration(1)));
  if (any.before || any.after) a.daemon_ran = any.after && *any.after < q.at + q.interval;
  AIOPS_TRY(const auto sample, SampleOf(store, q));
  if (sample) {
    AIOPS_TRY(auto names, ReadSchemaNames(store));
    Describe(a, names[sample->schema], *sample);
    if (!a.judgement) {
      AIOPS_TRY(a.from_history, IsFromHistory(store, *sample));
    }
  } else {
    a.knowledge = WithoutSample(a, any, q, now);
  }
  if (a.knowledge == Knowledge::kNotYet || a.knowledge == Knowledge::kNotKept)
    a.daemon_ran = std::nullopt;
  a.words = WordsOf(a, q, now);
  AddFeatures(a);
  AddCoverage(a);
  AddOpen(a, q);
  return std::optional(std::move(a));
}

}  // namespace aiops
