// BotApi: calls of Telegram's Bot API, and its refusals in our kinds.
//
// https://core.telegram.org/bots/api#making-requests
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "net/http_client.h"

namespace aiops::telegram {

// Why a call failed. The message is a sentence with what to do, and never holds the token.
struct Refusal {
  Error error;
  std::optional<std::int64_t> migrated_to;  // the chat has this number now
  bool bad_markup = false;                  // it cannot parse the text's markup
  bool not_modified = false;                // an edit that changes nothing
  bool gone = false;                        // the message to edit is no more, or cannot be edited
};

// Not thread-safe. References outlive it.
class BotApi {
 public:
  BotApi(const HttpEndpoint& endpoint, HttpClient& http, Duration timeout)
      : endpoint_(endpoint), http_(http), timeout_(timeout) {}

  // The `result` of the answer. Kinds: as of HttpClient; unauthorized (token, or blocked by the
  // chat), rate limited (with the pause that Telegram asks for), invalid argument (anything else
  // that it refuses), corruption (not the Bot API).
  Result<nlohmann::json> Call(const std::string& method, const nlohmann::json& arguments,
                              std::stop_token stop, Refusal* refusal = nullptr);

 private:
  const HttpEndpoint& endpoint_;
  HttpClient& http_;
  const Duration timeout_;
};

}  // namespace aiops::telegram
