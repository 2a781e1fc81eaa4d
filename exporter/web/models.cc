// What was trained, and the way back to a model of before.
#include <nlohmann/json.hpp>

#include "pipeline/model_json.h"
#include "web/api.h"
#include "web/list_page.h"
#include "web/members.h"

namespace aiops {
namespace {

// With the trust in the one in use, of an entity that is watched.
Json WithTrust(const ModelRecord& record, const View& view) {
  Json out = ModelJson(record);
  const EntityView* entity =
      record.state == ModelState::kInUse ? FindEntity(view, record.key) : nullptr;
  out["trusted"] = entity ? Json(entity->trust.holds) : Json(nullptr);
  out["because"] = TextJson(entity ? std::string(entity->trust.because) : "");
  return out;
}

}  // namespace

std::vector<Param> ModelParams() {
  return {
      TextParam("entity", "Exactly this entity."), TextParam("scope", "Exactly this scope."),
      ChoiceParam("state", "Only those that are so.", {"in_use", "earlier", "refused", "failed"}),
      LimitParam(), CursorParam()};
}

WebResponse ListModels(const Store& store, const View& view, const WebRequest& request) {
  const size_t limit = LimitOf(request);
  const auto read =
      store.ReadModels({.entity = TextOf(request, "entity"),
                        .scope = TextOf(request, "scope"),
                        .state = ParseModelState(TextOf(request, "state").value_or("")),
                        .before_id = CursorOf(request),
                        .limit = limit + 1});
  if (!read) return StoreFailed(read.error());
  const auto json = [&](const ModelRecord& record) { return WithTrust(record, view); };
  return JsonResponse(PageJson("models", *read, limit, json));
}

WebResponse ShowModel(const Store& store, const View& view, const WebRequest& request) {
  const auto found = store.ReadModel(request.id);
  if (!found) return StoreFailed(found.error());
  if (!*found)
    return ErrorResponse(
        404, "there is no model " + std::to_string(request.id) + "; GET /models lists them");
  return JsonResponse(Dump(WithTrust((*found)->record, view)));
}

WebResponse RollBack(const ApiContext& context, const WebRequest& request) {
  MemberLimits known;
  if (request.id == 0) known = {{"entity", kMaxTextParam}, {"scope", kMaxTextParam}};
  const auto body = ReadMembers(request.body, known);
  if (!body) return ErrorResponse(400, body.error().message);
  const RollBackCommand back{request.id, TextIn(*body, "scope"), TextIn(*body, "entity"),
                             ReasonIn(*body)};
  return Execute(context.commands, CommandOf(request, back, AuthorIn(*body)), context.stopping);
}

}  // namespace aiops
