// The notifier "telegram": messages to one chat. What is critical rings; all else is silent.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "notify/notifier.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/message.h"
#include "notify/telegram/options.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

using Json = nlohmann::json;
using telegram::Refusal;

constexpr Duration kPace = seconds(3);  // a group takes twenty messages a minute

// Of a receipt that this notifier gave.
std::int64_t MessageId(const Receipt& receipt) {
  std::int64_t id = 0;
  const std::string& text = receipt.reference;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

class TelegramNotifier final : public Notifier {
 public:
  TelegramNotifier(telegram::Options options, NotifierContext context)
      : options_(std::move(options)),
        context_(std::move(context)),
        chat_(options_.chat_id),
        api_(options_.api, context_.http, options_.timeout) {}

  ReceiverKind kind() const override { return ReceiverKind::kEdge; }
  std::string name() const override { return "telegram/" + options_.chat_id; }
  bool people() const override { return true; }
  Duration pace() const override { return kPace; }
  bool Wants(Occasion occasion, const Anomaly& anomaly) const override;
  Result<void> Probe(std::stop_token stop) override;
  Result<Receipt> Send(const Notification& notification, std::stop_token stop) override;

 private:
  Result<Receipt> Tell(const std::string& html, bool rings, const Receipt& reply_to,
                       const std::stop_token& stop);
  Result<Receipt> Edit(const std::string& html, const Receipt& message,
                       const std::stop_token& stop);
  Result<Json> Call(const char* method, Json arguments, const std::stop_token& stop,
                    Refusal& refusal);

  const telegram::Options options_;
  const NotifierContext context_;
  std::string chat_;  // where it is now: groups move
  telegram::BotApi api_;
};

// The end of a warning is no message: the next one, or the summary, tells of it.
bool TelegramNotifier::Wants(Occasion occasion, const Anomaly& anomaly) const {
  if (anomaly.severity < options_.least) return false;
  return occasion != Occasion::kClosed || anomaly.severity == Severity::kCritical;
}

Result<void> TelegramNotifier::Probe(std::stop_token stop) {
  const auto me = api_.Call("getMe", Json::object(), std::move(stop));
  return me ? Result<void>{} : me.error();
}

// A chat that became a supergroup has another number; text whose markup is not taken goes without.
Result<Json> TelegramNotifier::Call(const char* method, Json arguments, const std::stop_token& stop,
                                    Refusal& refusal) {
  arguments["chat_id"] = chat_;
  arguments["parse_mode"] = "HTML";
  arguments["link_preview_options"] = {{"is_disabled", true}};
  auto result = api_.Call(method, arguments, stop, &refusal);
  if (!result && refusal.migrated_to) {
    chat_ = std::to_string(*refusal.migrated_to);
    LogWarn("the Telegram group became a supergroup; set notify.telegram.chat_id",
            {{"from", options_.chat_id}, {"to", chat_}});
    arguments["chat_id"] = chat_;
    result = api_.Call(method, arguments, stop, &refusal);
  }
  if (!result && refusal.bad_markup) {
    arguments.erase("parse_mode");
    arguments["text"] = telegram::WithoutMarkup(arguments["text"].get<std::string>());
    result = api_.Call(method, arguments, stop, &refusal);
  }
  return result;
}

Result<Receipt> TelegramNotifier::Tell(const std::string& html, bool rings, const Receipt& reply_to,
                                       const std::stop_token& stop) {
  Json arguments{{"text", html}, {"disable_notification", !rings}};
  if (options_.topic != 0) arguments["message_thread_id"] = options_.topic;
  if (!reply_to.reference.empty())
    arguments["reply_parameters"] = {{"message_id", MessageId(reply_to)},
                                     {"allow_sending_without_reply", true}};
  Refusal refusal;
  AIOPS_TRY(const Json sent, Call("sendMessage", std::move(arguments), stop, refusal));
  const auto id = sent.find("message_id");
  if (id == sent.end() || !id->is_number_integer()) {
    Error error = Corruption("telegram sendMessage: the answer has no message_id");
    error.perhaps_done = true;
    return error;
  }
  return Receipt{std::to_string(id->get<std::int64_t>())};
}

Result<Receipt> TelegramNotifier::Edit(const std::string& html, const Receipt& message,
                                       const std::stop_token& stop) {
  Refusal refusal;
  const Json arguments{{"text", html}, {"message_id", MessageId(message)}};
  const auto edited = Call("editMessageText", arguments, stop, refusal);
  if (edited || refusal.not_modified) return message;
  if (refusal.gone) return Tell(html, false, {}, stop);
  return edited.error();
}

Result<Receipt> TelegramNotifier::Send(const Notification& notification, std::stop_token stop) {
  const telegram::MessageContext about{context_.timezone, context_.external_url,
                                       context_.clock.Now()};
  const auto& anomalies = notification.anomalies;
  const auto critical = [](const Anomaly& a) {
    return a.severity == Severity::kCritical && a.state == AnomalyState::kOpen;
  };
  const bool rings = std::any_of(anomalies.begin(), anomalies.end(), critical);
  if (notification.digest) return Tell(TellDigest(anomalies, about), rings, {}, stop);
  switch (notification.occasion) {
    case Occasion::kOpened:
    case Occasion::kEscalated:
      return Tell(TellConversation(anomalies, about), rings, notification.about, stop);
    case Occasion::kClosed:
      return Tell(TellEnd(anomalies, about), false, notification.about, stop);
    default:
      return Edit(TellConversation(anomalies, about), notification.about, stop);
  }
}

std::vector<std::unique_ptr<Notifier>> Make(const Section& section, NotifierContext context) {
  auto options = telegram::ReadOptions(section);
  std::vector<std::unique_ptr<Notifier>> out;
  if (!options.api.base_url.empty())
    out.push_back(std::make_unique<TelegramNotifier>(std::move(options), std::move(context)));
  return out;
}

}  // namespace

extern const NotifierDescriptor kTelegramNotifier;
const NotifierDescriptor kTelegramNotifier{
    .name = "telegram",
    .help = "Messages to people, through a bot of theirs.",
    .make = Make,
};

}  // namespace aiops
