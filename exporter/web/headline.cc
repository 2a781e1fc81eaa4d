#include "web/headline.h"

#include <algorithm>

#include "text/human_number.h"

namespace aiops {
namespace {

std::string AndMore(size_t others) {
  return others == 0 ? "" : ", and " + std::to_string(others) + " more";
}

// Those that nobody has acknowledged come first, then the oldest.
bool Before(const Anomaly& a, const Anomaly& b) {
  if (a.acknowledged_at.has_value() != b.acknowledged_at.has_value()) return !a.acknowledged_at;
  return a.started_at < b.started_at;
}

std::optional<Headline> OfAnomalies(const View& view, Severity severity) {
  std::vector<const Anomaly*> found;
  for (const Anomaly& a : view.open) {
    if (a.severity == severity) found.push_back(&a);
  }
  if (found.empty()) return std::nullopt;
  const auto oldest = std::min_element(
      found.begin(), found.end(), [](auto* a, auto* b) { return a->started_at < b->started_at; });
  const Anomaly& first = **std::min_element(found.begin(), found.end(),
                                            [](auto* a, auto* b) { return Before(*a, *b); });
  const std::string name(ToString(severity));
  Headline out;
  out.state = name;
  out.what = severity == Severity::kCritical ? std::to_string(found.size()) + " " + name
                                             : CountText(found.size(), name);
  if (first.acknowledged_at) out.what += ", acknowledged,";
  out.since = (*oldest)->started_at;
  out.detail = first.key.entity + ": " + first.summary + AndMore(found.size() - 1);
  return out;
}

// What is not judged; nullopt if everything is.
std::optional<Headline> OfUnknown(const View& view, Time now) {
  std::vector<const EntityView*> unknown;
  std::optional<Time> until;
  bool all_warm_up = true;
  for (const EntityView& e : view.entities) {
    if (e.verdict != Verdict::kUnknown) continue;
    unknown.push_back(&e);
    const bool warms_up = e.ready_at && *e.ready_at > now;
    all_warm_up = all_warm_up && warms_up;
    if (warms_up) until = std::max(until.value_or(*e.ready_at), *e.ready_at);
  }
  if (unknown.empty()) return std::nullopt;
  const std::string of_all =
      std::to_string(unknown.size()) + " of " + std::to_string(view.entities.size());
  if (all_warm_up) {
    const bool all = unknown.size() == view.entities.size();
    return Headline{"unknown",
                    all ? "Warming up" : of_all + " warming up",
                    {},
                    until,
                    "what is usual here is being learned"};
  }
  const EntityView& first = *unknown.front();
  return Headline{"unknown",
                  of_all + " not judged",
                  {},
                  {},
                  first.key.entity + ": " + first.reason + AndMore(unknown.size() - 1)};
}

// What holds and is told to nobody, because of a window or a mute.
std::optional<Headline> OfSilenced(const View& view, Time now) {
  const auto silenced = [&](const EntityKey& key) {
    return std::any_of(view.silences.begin(), view.silences.end(), [&](const Silence& silence) {
      return silence.Covers(now) && silence.Concerns(key);
    });
  };
  std::vector<std::string> held;
  for (const ActiveFact& fact : view.facts) {
    if (silenced(fact.key))
      held.push_back(fact.key.entity + ": " + fact.name +
                     (fact.object.empty() ? "" : " " + fact.object));
  }
  for (const EntityView& e : view.entities)
    if (e.score.score > 1 && silenced(e.key)) held.push_back(e.key.entity + ": out of the usual");
  if (held.empty()) return std::nullopt;
  return Headline{
      "degraded", "Silenced, not quiet", {}, {}, held.front() + AndMore(held.size() - 1)};
}

// Whose last round saw something that has ended within it: its verdict is still that of the round.
std::optional<Headline> OfOver(const View& view) {
  const EntityView* worst = nullptr;
  size_t found = 0;
  for (const EntityView& e : view.entities) {
    if (e.verdict < Verdict::kWarning) continue;
    ++found;
    if (worst == nullptr || e.verdict > worst->verdict) worst = &e;
  }
  if (worst == nullptr) return std::nullopt;
  const std::string name(ToString(worst->verdict));
  return Headline{
      name,
      "Quiet again",
      {},
      {},
      worst->key.entity + ": " + name + " within the last round, over by now" + AndMore(found - 1)};
}

// How quiet it is, as far as it can be told while something of the daemon's does not work.
std::string QuietInSight(const View& view, Time now) {
  if (const auto unknown = OfUnknown(view, now)) return unknown->what;
  return OfOver(view) ? "Quiet again, as far as it can see" : "Quiet as far as it can see";
}

}  // namespace

Headline MakeHeadline(const View& view, Time now, const std::vector<std::string>& problems) {
  for (const Severity severity : {Severity::kCritical, Severity::kWarning}) {
    if (auto found = OfAnomalies(view, severity)) return *std::move(found);
  }
  if (auto found = OfSilenced(view, now)) return *std::move(found);
  if (!problems.empty()) {
    return {"degraded",
            QuietInSight(view, now),
            {},
            {},
            problems.front() + AndMore(problems.size() - 1)};
  }
  if (view.entities.empty()) {
    return {"unknown", "Nothing is watched yet", {}, {}, "no source has delivered a value"};
  }
  if (!view.last_round) {
    return {"unknown", "Just started", {}, NextRound(view), "the first round has not been run yet"};
  }
  if (auto found = OfUnknown(view, now)) return *std::move(found);
  if (auto found = OfOver(view)) return *std::move(found);
  const bool silenced = std::any_of(
      view.silences.begin(), view.silences.end(),
      [&](const Silence& s) { return s.entity.empty() && s.scope.empty() && s.Covers(now); });
  return {"normal",
          silenced ? "All quiet, and silenced" : "All quiet",
          {},
          {},
          view.entities.size() == 1 ? "1 entity watched"
                                    : std::to_string(view.entities.size()) + " entities watched"};
}

}  // namespace aiops
