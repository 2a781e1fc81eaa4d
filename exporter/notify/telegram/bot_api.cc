#include "notify/telegram/bot_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/redact.h"
#include "text/sanitize.h"

namespace aiops::telegram {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxAnswerBytes = 1u << 20;
constexpr size_t kMaxDescription = 200;

bool Says(const std::string& description, std::string_view words) {
  return description.find(words) != std::string::npos;
}

// What to do about it, where somebody can do something.
std::string Advice(int code, const std::string& description) {
  if (code == 401 || code == 404)
    return "; the bot token is wrong: take it from @BotFather into notify.telegram.bot_token";
  if (Says(description, "chat not found"))
    return "; write a word to the bot first, and set notify.telegram.chat_id to the number of that "
           "chat";
  if (code == 403) return "; let the bot into the chat again, then `aiopsctl outbox retry`";
  if (Says(description, "thread not found"))
    return "; notify.telegram.topic_id names no topic of this group";
  return "";
}

ErrorKind KindOf(int code) {
  if (code == 401 || code == 403 || code == 404) return ErrorKind::kUnauthorized;
  if (code == 429) return ErrorKind::kRateLimited;
  return code >= 500 ? ErrorKind::kUnavailable : ErrorKind::kInvalidArgument;
}

Refusal RefusalOf(const Json& answer, const std::string& method) {
  Refusal out;
  const int code = answer.value("error_code", 0);
  const std::string description = Sanitize(answer.value("description", ""), kMaxDescription);
  out.error = {KindOf(code), "telegram " + method + ": " + description + Advice(code, description)};
  out.bad_markup = Says(description, "can't parse entities");
  out.not_modified = Says(description, "message is not modified");
  out.gone = Says(description, "message to edit not found") ||
             Says(description, "message can't be edited");
  const auto parameters = answer.find("parameters");
  if (parameters == answer.end() || !parameters->is_object()) return out;
  if (const auto pause = parameters->find("retry_after");
      pause != parameters->end() && pause->is_number_integer())
    out.error.retry_after =
        std::chrono::seconds(std::clamp<std::int64_t>(pause->get<std::int64_t>(), 1, 86400));
  if (const auto to = parameters->find("migrate_to_chat_id");
      to != parameters->end() && to->is_number_integer())
    out.migrated_to = to->get<std::int64_t>();
  return out;
}

}  // namespace

Result<Json> BotApi::Call(const std::string& method, const Json& arguments, std::stop_token stop,
                          Refusal* refusal) {
  HttpRequest request;
  request.method = "POST";
  request.path = "/" + method;
  request.body = arguments.dump(-1, ' ', false, Json::error_handler_t::replace);
  request.content_type = "application/json";
  request.timeout = timeout_;
  request.once = true;
  request.max_body_bytes = kMaxAnswerBytes;
  Result<HttpResponse> response = http_.Send(endpoint_, request, std::move(stop));
  if (!response) {
    if (refusal) refusal->error = response.error();
    return std::move(response).error();
  }
  Json answer = Json::parse(response->body, nullptr, false);
  Refusal refused;
  if (!answer.is_object() || !answer.contains("ok")) {
    RedactSecrets(endpoint_, *response);
    refused.error = response->status / 100 == 2
                        ? Corruption("telegram " + method + ": the answer is not the Bot API's")
                        : StatusError(*response, "telegram " + method);
    refused.error.perhaps_done = true;
  } else if (answer["ok"] == true) {
    return std::move(answer["result"]);
  } else {
    refused = RefusalOf(answer, method);
  }
  if (refusal) *refusal = refused;
  return refused.error;
}

}  // namespace aiops::telegram
