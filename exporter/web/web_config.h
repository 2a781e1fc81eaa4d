// The web configuration file: TLS, users and headers, in the format of the Prometheus exporters
// (github.com/prometheus/exporter-toolkit, docs/web-configuration.md), so that one file serves them
// all.
//
//   tls_server_config: { cert_file, key_file, client_auth_type, client_ca_file, min_version,
//   max_version } http_server_config: { headers: { <name>: <value> } } basic_auth_users: { <user>:
//   <bcrypt hash> }
//
// Keys of that format that are not served here are refused with a sentence.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "web/tls.h"

namespace aiops {

struct WebFileConfig {
  std::optional<TlsServerOptions> tls;
  std::vector<std::pair<std::string, Secret>> users;  // name, bcrypt hash
  std::vector<std::pair<std::string, std::string>> headers;
};

// Relative paths in it count from its folder. The error tells all problems, one a line, never a
// hash.
Result<WebFileConfig> ReadWebConfig(const std::string& path);

}  // namespace aiops
