// What waits to be told, what was told, and what could not be.
#include <nlohmann/json.hpp>

#include "pipeline/outbox_json.h"
#include "web/api.h"
#include "web/list_page.h"
#include "web/members.h"

namespace aiops {

std::vector<Param> OutboxParams() {
  return {TextParam("receiver", "Exactly this receiver."),
          ChoiceParam("state", "Only those that are so.",
                      {"pending", "sending", "sent", "failed", "expired", "dropped"}),
          IntegerParam("anomaly", "About this anomaly.", std::int64_t{1} << 53), LimitParam(),
          CursorParam()};
}

WebResponse ListOutbox(const Store& store, const WebRequest& request) {
  const size_t limit = LimitOf(request);
  const auto read =
      store.ReadOutbox({.receiver = TextOf(request, "receiver"),
                        .state = ParseOutboxState(TextOf(request, "state").value_or("")),
                        .anomaly_id = IntegerOf(request, "anomaly"),
                        .before_id = CursorOf(request),
                        .limit = limit + 1});
  if (!read) return StoreFailed(read.error());
  return JsonResponse(PageJson("messages", *read, limit, OutboxJson));
}

WebResponse DecideMessage(const ApiContext& context, bool drop, const WebRequest& request) {
  const auto body = ReadMembers(request.body);
  if (!body) return ErrorResponse(400, body.error().message);
  const OutboxCommand decide{request.id, drop, ReasonIn(*body)};
  return Execute(context.commands, CommandOf(request, decide, AuthorIn(*body)), context.stopping);
}

}  // namespace aiops
