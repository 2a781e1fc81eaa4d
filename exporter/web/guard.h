// Guard: keeps web pages of strangers from using a browser on our network to change anything here.
//
// DNS rebinding makes a browser send a foreign page's requests to us under the page's own Host; a
// form or fetch from another site carries that site's Origin. Both are refused for everything that
// changes state. Reading stays open: Prometheus scrapes under whatever name service discovery gave
// it. Whoever needs reading guarded sets users in the web configuration file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/http.h"

namespace aiops {

struct GuardOptions {
  std::string external_url;
  std::vector<std::string> allowed_hosts;  // names, with or without a port, which is ignored
};

// "host", "host:80", "[::1]:80" -> the host in lower case, without brackets, port and final dot.
std::string HostOf(std::string_view authority);

// Why the state-changing request is refused (one sentence for the 403), or nothing. Allowed hosts:
// IP literals, localhost, the host of external_url, allowed_hosts. An Origin must be the request's
// own scheme and authority, or external_url's.
std::optional<std::string> RefuseForeign(const GuardOptions& options, const WebRequest& request);

}  // namespace aiops
