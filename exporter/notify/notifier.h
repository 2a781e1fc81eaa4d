// Notifier: the seam to a receiver. It only renders and sends; retries, order and time belong to
// the delivery workers of pipeline/.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/cron.h"
#include "config/section.h"
#include "model/notification.h"
#include "net/http_client.h"

namespace aiops {

// Level receivers get the open set again and again; edge receivers each change once.
enum class ReceiverKind { kLevel, kEdge };

// What is given to every notifier. References outlive it.
struct NotifierContext {
  Clock& clock;
  HttpClient& http;
  std::string external_url;                                 // for links; without a trailing slash
  std::vector<std::pair<std::string, std::string>> labels;  // a user's own
  TimeZone timezone;                                        // in which people are told times
};

// Owned and called by one thread. The error's kind alone decides what happens next.
class Notifier {
 public:
  virtual ~Notifier() = default;
  virtual ReceiverKind kind() const = 0;
  virtual std::string name() const = 0;  // "alertmanager/http://127.0.0.1:9093": no secrets
  virtual Duration resend_interval() const { return minutes(1); }  // for level receivers
  // Edge receivers that are people have one conversation about an entity, and are told what is not
  // urgent in batches.
  virtual bool people() const { return false; }
  // After each message, before the next one: what the medium allows.
  virtual Duration pace() const { return {}; }
  // For edge receivers: whether it is told this.
  virtual bool Wants(Occasion, const Anomaly&) const { return true; }
  // Whether it answers at all, found out by a question that changes nothing there. Asked before a
  // message is repeated that may have arrived.
  virtual Result<void> Probe(std::stop_token) { return {}; }
  // An error with perhaps_done: it may have arrived.
  virtual Result<Receipt> Send(const Notification& notification, std::stop_token stop) = 0;
};

struct NotifierDescriptor {
  const char* name;  // and the key under `notify:`
  const char* help;
  // One notifier per receiver (per Alertmanager member, per chat); empty: not configured.
  std::function<std::vector<std::unique_ptr<Notifier>>(const Section&, NotifierContext)> make;
};

// Every notifier that was linked in, by name.
const std::vector<const NotifierDescriptor*>& AllNotifiers();

}  // namespace aiops
