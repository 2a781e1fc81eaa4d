#include <nlohmann/json.hpp>

#include "web/api.h"
#include "web/json_values.h"

namespace aiops {
namespace {

Json ToJson(const AuditEntry& e) {
  return {{"id", e.id},
          {"time", FormatTime(e.time)},
          {"action", e.action},
          {"object", TextJson(e.object)},
          {"by", e.by},
          {"address", TextJson(e.address)},
          {"via", TextJson(e.via)},
          {"status", e.status},
          {"result", e.result},
          {"text", TextJson(e.text)}};
}

}  // namespace

std::vector<Param> AuditParams() {
  constexpr std::int64_t kMaxHours = 24 * 366 * 5, kWeek = 24 * 7;
  return {IntegerParam("hours", "Of the last so many hours.", kMaxHours, kWeek),
          IntegerParam("limit", "At most so many.", kMaxListLimit, kListLimit), CursorParam()};
}

WebResponse ListAudit(const Store& store, Time now, const WebRequest& request) {
  const auto limit = static_cast<size_t>(IntegerOf(request, "limit").value_or(kListLimit));
  const auto read = store.ReadAudit({.since = now - hours(IntegerOf(request, "hours").value_or(1)),
                                     .before_id = CursorOf(request),
                                     .limit = limit + 1});
  if (!read) return StoreFailed(read.error());
  Json list = Json::array();
  for (size_t i = 0; i < std::min(limit, read->size()); ++i) list.push_back(ToJson((*read)[i]));
  const bool more = read->size() > limit;
  const Json next = more ? Json(CursorOf((*read)[limit - 1].id)) : Json(nullptr);
  return JsonResponse(Dump({{"entries", list}, {"next", next}}));
}

}  // namespace aiops
