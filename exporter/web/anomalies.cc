#include <algorithm>
#include <nlohmann/json.hpp>

#include "model/band.h"
#include "pipeline/story.h"
#include "web/api.h"
#include "web/list_page.h"
#include "web/view_json.h"

namespace aiops {
namespace {

// Stored JSON text as JSON; null where there is none or it is broken.
Json StoredJson(const std::string& text) {
  const Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_discarded() ? Json(nullptr) : parsed;
}

Json ToJson(const Anomaly& a) {
  Json labels = Json::object();
  for (const auto& [name, value] : a.labels) labels[name] = value;
  Json out;
  out["id"] = a.id;
  out["entity"] = a.key.entity;
  out["scope"] = a.key.scope;
  out["labels"] = labels;
  out["kind"] = ToString(a.kind);
  out["fact"] = TextJson(a.fact);
  out["object"] = TextJson(a.object);
  out["severity"] = ToString(a.severity);
  out["state"] = ToString(a.state);
  out["started_at"] = TimeJson(a.started_at);
  out["last_seen_at"] = TimeJson(a.last_seen_at);
  out["ended_at"] = TimeJson(a.ended_at);
  out["score"] = NumberJson(a.score);
  out["summary"] = a.summary;
  out["contributions"] = ContributionsJson(a.contributions);
  out["root_cause"] = StoredJson(a.root_cause);
  out["evidence"] = StoredJson(a.evidence);
  out["acknowledged_at"] = TimeJson(a.acknowledged_at);
  out["acknowledged_by"] = TextJson(a.acknowledged_by);
  out["acknowledged_why"] = TextJson(a.acknowledged_why);
  out["mark"] = TextJson(std::string(ToString(a.mark)));
  out["marked_at"] = TimeJson(a.marked_at);
  out["marked_by"] = TextJson(a.marked_by);
  out["marked_why"] = TextJson(a.marked_why);
  out["fingerprint"] = Fingerprint(a);
  return out;
}

// What moved first.
Json StepsJson(const std::vector<StoryStep>& steps) {
  Json out = Json::array();
  for (const StoryStep& step : steps) {
    const bool fact = step.kind == AnomalyKind::kFact;
    out.push_back({{"time", TimeJson(step.time)},
                   {"anomaly", step.anomaly_id},
                   {"kind", ToString(step.kind)},
                   {"feature", fact ? Json(nullptr) : Json(step.name)},
                   {"fact", fact ? Json(step.name) : Json(nullptr)},
                   {"object", TextJson(step.object)},
                   {"text", step.text}});
  }
  return out;
}

// All filters hold together. "acknowledged" is no state of its own: open or closed, somebody has
// taken it.
AnomalyQuery QueryOf(const WebRequest& request, Time now) {
  constexpr std::int64_t kDefaultHours = 24;
  AnomalyQuery query;
  query.since = TimeOf(request, "from");
  if (const auto hours_back = IntegerOf(request, "hours"); hours_back || !query.since) {
    const Time since = now - hours(hours_back.value_or(kDefaultHours));
    query.since = std::max(query.since.value_or(since), since);
  }
  if (const auto to = TimeOf(request, "to")) query.until = *to + Duration(1);
  query.entity = TextOf(request, "entity");
  query.scope = TextOf(request, "scope");
  const std::string kind = TextOf(request, "kind").value_or("");
  if (!kind.empty()) query.kind = kind == "fact" ? AnomalyKind::kFact : AnomalyKind::kLearned;
  const std::string state = TextOf(request, "state").value_or("");
  if (state == "acknowledged" || state == "unacknowledged")
    query.acknowledged = state == "acknowledged";
  if (state == "open" || state == "unacknowledged") query.state = AnomalyState::kOpen;
  if (state == "closed") query.state = AnomalyState::kClosed;
  query.severity = ParseSeverity(TextOf(request, "severity").value_or(""));
  if (!query.severity) query.severity = ParseSeverity(TextOf(request, "verdict").value_or(""));
  query.before_id = CursorOf(request);
  return query;
}

// Whether an open anomaly is one of those that the store would give.
bool Matches(const AnomalyQuery& query, const Anomaly& a) {
  const auto is = [](const auto& wanted, const auto& found) { return !wanted || *wanted == found; };
  return is(query.state, AnomalyState::kOpen) && is(query.entity, a.key.entity) &&
         is(query.scope, a.key.scope) && is(query.kind, a.kind) && is(query.severity, a.severity) &&
         is(query.acknowledged, a.acknowledged_at.has_value()) &&
         (!query.until || a.started_at < *query.until) &&
         (!query.before_id || a.id < *query.before_id);
}

// What is open, as it is now: while the database is full or away, it is not stored yet, or has
// changed since.
void AddOpen(const View& view, const AnomalyQuery& query, std::vector<Anomaly>& found) {
  const auto newer = [](const Anomaly& a, const Anomaly& b) { return a.id > b.id; };
  for (const Anomaly& open : view.open) {
    std::erase_if(found, [&](const Anomaly& stored) { return stored.id == open.id; });
    if (Matches(query, open))
      found.insert(std::lower_bound(found.begin(), found.end(), open, newer), open);
  }
  if (found.size() > query.limit) found.resize(query.limit);
}

// Both words for the same, and they contradict each other.
bool Contradictory(const WebRequest& request) {
  const auto severity = TextOf(request, "severity"), verdict = TextOf(request, "verdict");
  return severity && verdict && *severity != *verdict;
}

}  // namespace

Json ContributionsJson(const std::vector<Contribution>& contributions) {
  Json out = Json::array();
  for (const Contribution& c : contributions) {
    out.push_back({{"feature", c.feature},
                   {"unit", c.unit},
                   {"value", NumberJson(c.value)},
                   {"expected", NumberJson(c.expected)},
                   {"lower", NumberJson(c.lower)},
                   {"upper", NumberJson(c.upper)},
                   {"share", NumberJson(c.share)},
                   {"gate", TextJson(std::string(ToString(c.gate)))},
                   {"remark", TextJson(std::string(HeldBack(c.gate)))}});
  }
  return out;
}

std::string AnomalyJson(const Anomaly& anomaly) { return Dump(ToJson(anomaly)); }

WebResponse StoreFailed(const Error& error) {
  const bool damaged = error.kind == ErrorKind::kCorruption;
  return ErrorResponse(
      503,
      (damaged ? "what is stored is damaged: " : "the database does not answer: ") + error.message);
}

std::vector<Param> AnomalyParams() {
  constexpr std::int64_t kMaxHours = 24 * 366 * 5;
  return {
      IntegerParam("hours", "Open, or last seen within so many hours; 24 unless `from` is given.",
                   kMaxHours),
      TimeParam("from", "Open, or last seen at or after this time."),
      TimeParam("to", "Begun at or before this time."),
      TextParam("entity", "Exactly this entity."),
      TextParam("scope", "Exactly this scope."),
      ChoiceParam("kind", "Learned, or facts.", {"learned", "fact"}),
      ChoiceParam("state",
                  "acknowledged: open or closed, somebody has taken it; unacknowledged: open, "
                  "and nobody has.",
                  {"open", "closed", "acknowledged", "unacknowledged"}),
      ChoiceParam("severity", "The worst that it was.", {"warning", "critical"}),
      ChoiceParam("verdict", "Another name for severity.", {"warning", "critical"}),
      LimitParam(),
      CursorParam()};
}

WebResponse ListAnomalies(const Store& store, const View& view, Time now,
                          const WebRequest& request) {
  AnomalyQuery query = QueryOf(request, now);
  const size_t limit = LimitOf(request);
  query.limit = limit + 1;
  std::vector<Anomaly> found;
  if (!Contradictory(request)) {
    auto read = store.ReadAnomalies(query);
    if (!read) return StoreFailed(read.error());
    found = *std::move(read);
    AddOpen(view, query, found);
  }
  return JsonResponse(PageJson("anomalies", found, limit, ToJson));
}

WebResponse ShowAnomaly(const Store& store, const View& view, const WebRequest& request) {
  auto found = store.ReadAnomaly(request.id);
  if (!found) return StoreFailed(found.error());
  for (const Anomaly& open : view.open)
    if (open.id == request.id) *found = open;  // as it is now, stored or not
  if (!*found) {
    return ErrorResponse(
        404, "there is no anomaly " + std::to_string(request.id) + "; GET /anomalies lists them");
  }
  const auto story = ReadStory(store, **found);
  if (!story) return StoreFailed(story.error());
  Json json = ToJson(**found);
  json["story"] = StepsJson(story->steps);
  json["story_gap"] = TextJson(story->gap);
  return JsonResponse(Dump(json));
}

}  // namespace aiops
