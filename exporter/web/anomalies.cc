#include <charconv>
#include <nlohmann/json.hpp>

#include "text/sanitize.h"
#include "web/api.h"
#include "web/json_values.h"

namespace aiops {
namespace {

constexpr std::int64_t kMaxHours = 24 * 366 * 5;
constexpr std::int64_t kMaxLimit = 1000;

// Reads one parameter of the request into `out`; false and an answer where it is wrong.
class Params {
 public:
  explicit Params(const WebRequest& request) : request_(request) {}

  std::optional<WebResponse> refused;

  std::int64_t Int(const char* name, std::int64_t fallback, std::int64_t max) {
    const std::string* text = Find(name);
    if (text == nullptr) return fallback;
    std::int64_t value = 0;
    const char* end = text->data() + text->size();
    const auto [stop, failed] = std::from_chars(text->data(), end, value);
    if (failed == std::errc() && stop == end && value >= 1 && value <= max) return value;
    Refuse(name, *text, "a whole number from 1 to " + std::to_string(max));
    return fallback;
  }

  std::optional<std::string> Text(const char* name) {
    const std::string* text = Find(name);
    return text == nullptr ? std::nullopt : std::optional(*text);
  }

  template <class Enum>
  std::optional<Enum> Choice(const char* name, std::initializer_list<Enum> allowed) {
    const std::string* text = Find(name);
    if (text == nullptr) return std::nullopt;
    std::string names;
    for (const Enum value : allowed) {
      if (*text == ToString(value)) return value;
      names += (names.empty() ? "" : " or ") + std::string(ToString(value));
    }
    Refuse(name, *text, names);
    return std::nullopt;
  }

 private:
  const std::string* Find(const char* name) const {
    const auto found = request_.params.find(name);
    return found == request_.params.end() ? nullptr : &found->second;
  }
  void Refuse(const char* name, const std::string& text, const std::string& allowed) {
    if (refused) return;
    refused = ErrorResponse(
        400, std::string(name) + ": found '" + Sanitize(text, 64) + "', want " + allowed);
  }
  const WebRequest& request_;
};

Json ContributionsJson(const Anomaly& anomaly) {
  Json out = Json::array();
  for (const Contribution& c : anomaly.contributions) {
    out.push_back({{"feature", c.feature},
                   {"unit", c.unit},
                   {"value", NumberJson(c.value)},
                   {"expected", NumberJson(c.expected)},
                   {"lower", NumberJson(c.lower)},
                   {"upper", NumberJson(c.upper)},
                   {"share", NumberJson(c.share)}});
  }
  return out;
}

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
  out["contributions"] = ContributionsJson(a);
  out["root_cause"] = StoredJson(a.root_cause);
  out["evidence"] = StoredJson(a.evidence);
  out["acknowledged_at"] = TimeJson(a.acknowledged_at);
  out["acknowledged_by"] = TextJson(a.acknowledged_by);
  out["acknowledged_why"] = TextJson(a.acknowledged_why);
  out["fingerprint"] = Fingerprint(a);
  return out;
}

WebResponse StoreFailed(const Error& error) {
  return ErrorResponse(503, "the database does not answer: " + error.message);
}

WebResponse JsonResponse(const Json& json) {
  WebResponse response;
  response.body = Dump(json);
  return response;
}

}  // namespace

std::string AnomalyJson(const Anomaly& anomaly) { return Dump(ToJson(anomaly)); }

WebResponse ListAnomalies(const Store& store, Time now, const WebRequest& request) {
  Params params(request);
  AnomalyQuery query;
  query.since = now - hours(params.Int("hours", 24, kMaxHours));
  query.entity = params.Text("entity");
  query.scope = params.Text("scope");
  query.kind = params.Choice("kind", {AnomalyKind::kLearned, AnomalyKind::kFact});
  query.state = params.Choice("state", {AnomalyState::kOpen, AnomalyState::kClosed});
  query.severity = params.Choice("severity", {Severity::kWarning, Severity::kCritical});
  const auto limit = static_cast<size_t>(params.Int("limit", 100, kMaxLimit));
  const std::int64_t cursor = params.Int("cursor", 0, std::numeric_limits<std::int64_t>::max());
  if (params.refused) return *params.refused;
  if (cursor > 0) query.before_id = cursor;
  query.limit = limit + 1;  // one more tells whether there is a next page

  const auto found = store.ReadAnomalies(query);
  if (!found) return StoreFailed(found.error());
  const bool more = found->size() > limit;
  Json list = Json::array();
  for (size_t i = 0; i < std::min(limit, found->size()); ++i) list.push_back(ToJson((*found)[i]));
  const Json next = more ? Json(std::to_string((*found)[limit - 1].id)) : Json(nullptr);
  return JsonResponse({{"anomalies", list}, {"next", next}});
}

WebResponse ShowAnomaly(const Store& store, const WebRequest& request) {
  const auto found = store.ReadAnomaly(request.id);
  if (!found) return StoreFailed(found.error());
  if (!*found) {
    return ErrorResponse(
        404, "there is no anomaly " + std::to_string(request.id) + "; GET /anomalies lists them");
  }
  return JsonResponse(ToJson(**found));
}

}  // namespace aiops
