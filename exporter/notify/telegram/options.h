// The notifier's section `notify.telegram`.
#pragma once

#include <string>

#include "config/section.h"
#include "model/verdict.h"
#include "net/http_client.h"

namespace aiops::telegram {

struct Options {
  HttpEndpoint api;  // with the token in its secret path; base_url empty: not configured
  std::string chat_id;
  std::int64_t topic = 0;  // 0: none
  Severity least = Severity::kWarning;
  Duration timeout{};
};

// Declares, reads and checks all keys; problems go to the section's document.
Options ReadOptions(const Section& section);

// "123456:ABC-def_…": what @BotFather gives.
bool IsToken(std::string_view text);
// A number, negative for groups, or "@channel".
bool IsChatId(std::string_view text);

}  // namespace aiops::telegram
