// The notifier "alertmanager": the open set, again and again, to every member of the cluster.
#include <nlohmann/json.hpp>

#include "net/redact.h"
#include "notify/alertmanager/open_set.h"
#include "notify/alertmanager/options.h"
#include "notify/notifier.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

using alertmanager::Alert;
using alertmanager::AlertContext;

constexpr size_t kMaxAnswerBytes = 1u << 20;

std::string Json(const std::vector<Alert>& alerts) {
  auto array = nlohmann::json::array();
  for (const auto& alert : alerts) {
    nlohmann::json object{{"labels", alert.labels},
                          {"annotations", alert.annotations},
                          {"startsAt", FormatTime(alert.starts_at)},
                          {"endsAt", FormatTime(alert.ends_at)}};
    if (!alert.generator_url.empty()) object["generatorURL"] = alert.generator_url;
    array.push_back(std::move(object));
  }
  return array.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class AlertmanagerNotifier final : public Notifier {
 public:
  AlertmanagerNotifier(HttpEndpoint endpoint, const alertmanager::Options& options,
                       NotifierContext context)
      : endpoint_(std::move(endpoint)),
        timeout_(options.timeout),
        resend_interval_(options.resend_interval),
        expiry_(alertmanager::Expiry(options)),
        context_(std::move(context)) {}

  ReceiverKind kind() const override { return ReceiverKind::kLevel; }
  std::string name() const override { return "alertmanager/" + StripUrl(endpoint_.base_url); }
  Duration resend_interval() const override { return resend_interval_; }
  Result<Receipt> Send(const Notification& notification, std::stop_token stop) override;

 private:
  Error Refused(HttpResponse response, size_t alerts) const;

  const HttpEndpoint endpoint_;
  const Duration timeout_;
  const Duration resend_interval_;
  const Duration expiry_;
  const NotifierContext context_;
  alertmanager::OpenSet open_set_;
};

Error AlertmanagerNotifier::Refused(HttpResponse response, size_t alerts) const {
  RedactSecrets(endpoint_, response);
  std::string what = "post " + std::to_string(alerts) + " alerts to " + name();
  if (response.status == 400) what += ": refused some, stored the valid ones";
  return StatusError(response, what);
}

Result<Receipt> AlertmanagerNotifier::Send(const Notification& notification, std::stop_token stop) {
  const AlertContext alert_context{context_.labels, context_.external_url, context_.clock.Now(),
                                   expiry_};
  const auto alerts = open_set_.Update(notification.anomalies, alert_context);
  if (alerts.empty()) return Receipt{};
  HttpRequest request;
  request.method = "POST";
  request.path = "/api/v2/alerts";
  request.body = Json(alerts);
  request.content_type = "application/json";
  request.timeout = timeout_;
  request.max_body_bytes = kMaxAnswerBytes;
  AIOPS_TRY(auto response, context_.http.Send(endpoint_, request, std::move(stop)));
  if (response.status / 100 != 2) return Refused(std::move(response), alerts.size());
  return Receipt{};
}

std::vector<std::unique_ptr<Notifier>> Make(const Section& section, NotifierContext context) {
  const auto options = alertmanager::ReadOptions(section);
  std::vector<std::unique_ptr<Notifier>> out;
  for (const auto& member : options.members)
    out.push_back(std::make_unique<AlertmanagerNotifier>(member, options, context));
  return out;
}

}  // namespace

extern const NotifierDescriptor kAlertmanagerNotifier;
const NotifierDescriptor kAlertmanagerNotifier{
    .name = "alertmanager",
    .help = "Open and ended anomalies, posted again and again to every Alertmanager.",
    .make = Make,
};

}  // namespace aiops
