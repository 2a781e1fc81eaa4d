// The notifier's section `notify.alertmanager`.
#pragma once

#include <vector>

#include "config/section.h"
#include "net/http_client.h"

namespace aiops::alertmanager {

struct Options {
  std::vector<HttpEndpoint> members;  // one per URL; empty: not configured
  Duration timeout{};                 // of one post
  Duration resend_interval{};         // the open set is posted at least so often
};

// Declares, reads and checks all keys; problems go to the section's document.
Options ReadOptions(const Section& section);

// How long an open alert lives without another post: when the daemon dies, its alerts end.
Duration Expiry(const Options& options);

}  // namespace aiops::alertmanager
