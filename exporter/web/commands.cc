#include <future>
#include <nlohmann/json.hpp>

#include "text/sanitize.h"
#include "web/api.h"
#include "web/json_values.h"

namespace aiops {
namespace {

constexpr size_t kMaxWhyBytes = 500, kMaxByBytes = 100;
constexpr auto kStopCheck = std::chrono::milliseconds(50);

WebResponse Finished(std::future<CommandResult>& future) {
  try {
    CommandResult result = future.get();
    WebResponse response;
    response.status = result.status;
    response.body = std::move(result.json);
    if (response.status == 429 || response.status == 503) {
      response.headers.emplace_back("Retry-After", "5");
    }
    return response;
  } catch (const std::future_error&) {
    return ErrorResponse(503, "the daemon is stopping");
  }
}

}  // namespace

WebResponse Execute(CommandQueue& queue, Command command, const std::atomic<bool>& stopping,
                    Duration patience) {
  auto future = queue.Push(std::move(command));
  for (Duration waited{}; waited < patience; waited += kStopCheck) {
    if (future.wait_for(kStopCheck) == std::future_status::ready) return Finished(future);
    if (stopping) return ErrorResponse(503, "the daemon is stopping");
  }
  WebResponse response;
  response.status = 202;
  response.body =
      Dump({{"status", "accepted"}, {"message", "still running; /status tells how it ends"}});
  return response;
}

WebResponse Acknowledge(const ApiContext& context, const WebRequest& request) {
  AcknowledgeCommand acknowledge{request.id, {}};
  std::string by = Requester(request);
  if (!request.body.empty()) {
    const Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object()) return ErrorResponse(400, "the body is not a JSON object");
    for (const auto& [name, value] : body.items()) {
      if ((name != "why" && name != "by") || !value.is_string()) {
        return ErrorResponse(400, "the body may hold only \"why\" and \"by\", texts; found '" +
                                      Sanitize(name, 64) + "'");
      }
      const std::string text = value.get<std::string>();
      if (name == "why") acknowledge.why = Sanitize(text, kMaxWhyBytes);
      if (name == "by" && request.user.empty()) by = Sanitize(text, kMaxByBytes);
    }
  }
  return Execute(context.commands, {acknowledge, by}, context.stopping);
}

std::string Requester(const WebRequest& request) {
  return "http " + Sanitize(request.user.empty() ? request.remote : request.user, 100);
}

}  // namespace aiops
