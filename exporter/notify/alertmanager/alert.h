// What Alertmanager is told about an anomaly. Its identity there is the set of labels: nothing that
// changes within one severity of an episode may be a label.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/anomaly.h"

namespace aiops::alertmanager {

// An alert as POST /api/v2/alerts takes it. All text is sanitised.
struct Alert {
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  Time starts_at;
  Time ends_at;               // never before starts_at; after now: firing
  std::string generator_url;  // empty: none
};

struct AlertContext {
  Labels user_labels;        // any text: made safe here
  std::string external_url;  // without a trailing slash; empty: no links
  Time now;
  Duration expiry;  // an open alert ends by itself so long after the last post
};

// [a-zA-Z_][a-zA-Z0-9_]* from any text: what does not fit becomes '_'. Empty for empty text.
std::string LabelName(std::string_view text);

// The labels of the design: alertname, severity, entity, scope, kind, for facts object; then the
// user's and the entity's own where the name is free. Empty values are left out.
Alert MakeAlert(const Anomaly& anomaly, const AlertContext& context);

}  // namespace aiops::alertmanager
