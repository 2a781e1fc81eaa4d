#include <future>
#include <nlohmann/json.hpp>

#include "text/sanitize.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/schemas.h"

namespace aiops {
namespace {

// In bytes, of what the schema bounds in characters.
constexpr size_t kMaxText = 4 * kMaxWhy;
constexpr size_t kMaxName = 4 * kMaxBy;
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

// What is wrong with a member of an acknowledgement, if anything.
std::optional<std::string> WrongMember(const std::string& name, const Json& value) {
  if (name != "why" && name != "comment" && name != "by") {
    return "the body may hold only \"why\" (or \"comment\") and \"by\"; found '" +
           Sanitize(name, 64) + "'";
  }
  const size_t most = name == "by" ? kMaxBy : kMaxWhy;
  if (value.is_string() && CharactersIn(value.get_ref<const std::string&>()) <= most)
    return std::nullopt;
  return name + ": want a text of at most " + std::to_string(most) + " characters";
}

}  // namespace

WebResponse JsonResponse(std::string body) {
  WebResponse response;
  response.body = std::move(body);
  return response;
}

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

Command CommandOf(const WebRequest& request, decltype(Command::action) action,
                  const std::string& claimed) {
  Command command{std::move(action), request.user, "http", Sanitize(request.remote, kMaxName)};
  if (command.by.empty()) command.by = claimed.empty() ? request.remote : claimed;
  command.by = Sanitize(command.by, kMaxName);
  if (request.user_agent.starts_with("aiopsctl")) command.via = "ctl";
  return command;
}

WebResponse Acknowledge(const ApiContext& context, const WebRequest& request) {
  AcknowledgeCommand acknowledge{request.id, {}};
  std::string by;
  if (!request.body.empty()) {
    const auto body = ParseStrictJson(request.body);
    if (!body) return ErrorResponse(400, "the body is refused: " + body.error().message);
    if (!body->is_object()) return ErrorResponse(400, "the body is not a JSON object");
    for (const auto& [name, value] : body->items()) {
      if (const auto wrong = WrongMember(name, value)) return ErrorResponse(400, *wrong);
      std::string& text = name == "by" ? by : acknowledge.why;
      text += (text.empty() ? "" : "; ") + Sanitize(value.get<std::string>(), kMaxText);
    }
  }
  return Execute(context.commands, CommandOf(request, acknowledge, by), context.stopping);
}

}  // namespace aiops
