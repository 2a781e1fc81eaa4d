#include <nlohmann/json.hpp>

#include "web/api.h"
#include "web/list_page.h"

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
  return {IntegerParam("hours", "Of the last so many hours.", kMaxHours, kWeek), LimitParam(),
          CursorParam()};
}

WebResponse ListAudit(const Store& store, Time now, const WebRequest& request) {
  const size_t limit = LimitOf(request);
  const auto read = store.ReadAudit({.since = now - hours(IntegerOf(request, "hours").value_or(1)),
                                     .before_id = CursorOf(request),
                                     .limit = limit + 1});
  if (!read) return StoreFailed(read.error());
  return JsonResponse(PageJson("entries", *read, limit, ToJson));
}

}  // namespace aiops
