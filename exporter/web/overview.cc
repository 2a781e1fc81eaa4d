#include "web/overview.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "web/api.h"
#include "web/headline.h"
#include "web/params.h"
#include "web/view_json.h"

namespace aiops {
namespace {

constexpr std::int64_t kEntities = 30, kMaxEntities = 100'000;
constexpr size_t kMaxOpen = 30;
constexpr size_t kMaxUnusual = 3;

// Unknown is worse than a small oddity: nobody looks there.
int Gravity(Verdict verdict) {
  switch (verdict) {
    case Verdict::kCritical:
      return 4;
    case Verdict::kWarning:
      return 3;
    case Verdict::kUnknown:
      return 2;
    case Verdict::kLogOnly:
      return 1;
    case Verdict::kNormal:
      break;
  }
  return 0;
}

bool Worse(const EntityView* a, const EntityView* b) {
  const int left = Gravity(a->verdict), right = Gravity(b->verdict);
  if (left != right) return left > right;
  const double a_level = IsMissing(a->score.level) ? 0 : a->score.level;
  const double b_level = IsMissing(b->score.level) ? 0 : b->score.level;
  return a_level != b_level ? a_level > b_level : a->key < b->key;
}

bool ByName(const EntityView* a, const EntityView* b) {
  return std::tie(a->key.entity, a->key.scope) < std::tie(b->key.entity, b->key.scope);
}

bool Contains(const std::string& text, const std::string& part) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [&](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

bool Matches(const EntityView& e, const std::string& search) {
  return Contains(e.key.entity, search) || Contains(e.key.scope, search) ||
         std::any_of(e.labels.begin(), e.labels.end(),
                     [&](const auto& label) { return Contains(label.second, search); });
}

Json UnusualJson(const View& view, const EntityView& e) {
  Json out = Json::array();
  for (const Scope& scope : view.scopes) {
    if (scope.name != e.key.scope) continue;
    for (size_t i = 0; i < std::min(scope.features.size(), e.score.features.size()); ++i) {
      if (e.score.features[i].anomalous && out.size() < kMaxUnusual)
        out.push_back(scope.features[i].name);
    }
  }
  return out;
}

Json EntityJson(const View& view, const EntityView& e) {
  return {{"entity", e.key.entity},
          {"scope", e.key.scope},
          {"verdict", ToString(e.verdict)},
          {"reason", TextJson(e.reason)},
          {"judged_at", TimeJson(e.judged_at)},
          {"ready_at", TimeJson(e.ready_at)},
          {"warmup", RoughJson(e.score.warmup)},
          {"coverage", RoughJson(e.score.coverage)},
          {"level", RoughJson(e.score.level)},
          {"unusual", UnusualJson(view, e)}};
}

Json CountsJson(const View& view) {
  Json out = {{"critical", 0}, {"warning", 0}, {"unknown", 0}, {"log_only", 0}, {"normal", 0}};
  for (const EntityView& e : view.entities) {
    auto& count = out[std::string(ToString(e.verdict))];
    count = count.get<int>() + 1;
  }
  return out;
}

Json OpenJson(const View& view) {
  std::vector<const Anomaly*> open;
  for (const Anomaly& a : view.open) open.push_back(&a);
  std::stable_sort(open.begin(), open.end(), [](const auto* a, const auto* b) {
    return std::tuple(a->severity, !a->acknowledged_at) >
           std::tuple(b->severity, !b->acknowledged_at);
  });
  Json out = Json::array();
  for (size_t i = 0; i < std::min(open.size(), kMaxOpen); ++i)
    out.push_back(Json::parse(AnomalyJson(*open[i])));
  return out;
}

Json ModelsJson(const View& view) {
  size_t loaded = 0;
  std::optional<Time> oldest;
  for (const EntityView& e : view.entities) {
    if (!e.model.present) continue;
    ++loaded;
    if (const auto trained = e.trained_at()) oldest = std::min(oldest.value_or(*trained), *trained);
  }
  return {{"loaded", loaded}, {"entities", view.entities.size()}, {"oldest", TimeJson(oldest)}};
}

Json EntitiesJson(const View& view, std::vector<const EntityView*> found,
                  const WebRequest& request) {
  const bool by_name = TextOf(request, "sort") == "name";
  const auto limit = IntegerOf(request, "limit").value_or(kEntities);
  const auto end = found.begin() + std::min<std::int64_t>(limit, std::ssize(found));
  std::partial_sort(found.begin(), end, found.end(), by_name ? ByName : Worse);
  Json out = Json::array();
  for (auto it = found.begin(); it != end; ++it) out.push_back(EntityJson(view, **it));
  return out;
}

}  // namespace

Json HeadlineJson(const View& view, Time now) {
  const Headline h = MakeHeadline(view, now, HealthReasons(view, now));
  return {{"state", h.state},
          {"what", h.what},
          {"since", TimeJson(h.since)},
          {"until", TimeJson(h.until)},
          {"detail", TextJson(h.detail)}};
}

std::vector<Param> OverviewParams() {
  return {TextParam("search", "Of entities whose name, scope or label holds this."),
          ChoiceParam("sort", "In which order.", {"worst", "name"}),
          IntegerParam("limit", "At most so many entities.", kMaxEntities, kEntities)};
}

WebResponse Overview(const View& view, Time now, const WebRequest& request) {
  const std::string search = TextOf(request, "search").value_or("");
  std::vector<const EntityView*> found;
  for (const EntityView& e : view.entities) {
    if (Matches(e, search)) found.push_back(&e);
  }
  const Json health = Json::parse(HealthJson(view, now));
  Json out;
  out["version"] = view.version;
  out["tryout"] = view.tryout;
  out["now"] = TimeJson(now);
  out["started_at"] = TimeJson(view.started_at);
  out["headline"] = HeadlineJson(view, now);
  out["last_round"] = TimeJson(view.last_round);
  out["status"] = health["status"];
  out["reasons"] = health["reasons"];
  out["counts"] = CountsJson(view);
  out["total"] = view.entities.size();
  out["matching"] = found.size();
  out["entities"] = EntitiesJson(view, std::move(found), request);
  out["open_total"] = view.open.size();
  out["open"] = OpenJson(view);
  out["silences"] = SilencesInForceJson(view, now);
  out["groups"] = GroupsJson(view);
  out["checklist"] = ChecklistJson(view);
  out["collectors"] = CollectorsJson(view);
  out["jobs"] = JobsJson(view);
  out["receivers"] = ReceiversJson(view);
  out["models"] = ModelsJson(view);
  out["store"] = StoreJson(view);
  WebResponse response;
  response.body = Dump(out, -1);
  return response;
}

}  // namespace aiops
