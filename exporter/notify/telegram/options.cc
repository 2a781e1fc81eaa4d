#include "notify/telegram/options.h"

#include <algorithm>

#include "config/http_options.h"
#include "text/url.h"

namespace aiops::telegram {
namespace {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsWord(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

std::string ReadApiUrl(const Section& section) {
  std::string url = WithoutTrailingSlashes(
      section.String("api_url", "https://api.telegram.org",
                     {.help = "Base URL of the Bot API: another one for a server of your own."}));
  if (!IsHttpUrl(url)) section.Report("api_url", "want http://host:port or https://host:port");
  return url;
}

}  // namespace

bool IsToken(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto number = text.substr(0, colon), secret = text.substr(colon + 1);
  return std::all_of(number.begin(), number.end(), IsDigit) && secret.size() >= 20 &&
         std::all_of(secret.begin(), secret.end(), IsWord);
}

bool IsChatId(std::string_view text) {
  if (text.starts_with('@'))
    return text.size() > 1 && std::all_of(text.begin() + 1, text.end(), IsWord);
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 18 && std::all_of(text.begin(), text.end(), IsDigit);
}

Options ReadOptions(const Section& section) {
  Options options;
  const Secret token =
      section.Secret("bot_token", {.help = "What @BotFather gave you, `123456:ABC…`. Empty: off.",
                                   .env = "AGENT_TELEGRAM_BOT_TOKEN"});
  options.chat_id =
      section.String("chat_id", "",
                     {.help = "Whom to tell: the number of a chat, negative for groups, or "
                              "`@channel`.",
                      .env = "AGENT_TELEGRAM_CHAT_ID"});
  options.topic = section.Int("topic_id", 0, {.help = "A topic of a group; 0: none.", .min = "0"});
  const std::string api = ReadApiUrl(section);
  options.timeout = section.Duration(
      "timeout", seconds(10), {.help = "Longest time of one request.", .min = "1s", .max = "1m"});
  options.least = *ParseSeverity(section.Choice("min_severity", "warning", {"warning", "critical"},
                                                {.help = "What is less grave is not told."}));
  options.api.tls = ReadTlsOptions(section.Child("tls", "For https."));
  if (token.empty() && options.chat_id.empty()) return options;
  if (!IsToken(token.Reveal()))
    section.Report("bot_token", "want the token that @BotFather gave you: 123456:ABC…");
  if (!IsChatId(options.chat_id))
    section.Report("chat_id",
                   "want the number of the chat: write to the bot, then look for chat.id in "
                   "getUpdates");
  options.api.base_url = api;
  options.api.secret_path = Secret("/bot" + token.Reveal());
  return options;
}

}  // namespace aiops::telegram
