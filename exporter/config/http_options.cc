#include "config/http_options.h"

#include <algorithm>
#include <string>

#include "text/sanitize.h"

namespace aiops {
namespace {

// A token as RFC 9110 (5.6.2) names the characters of a field's name.
bool IsHeaderName(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != kOthers.npos;
  });
}

void ReadHeaders(const Section& section, std::string_view each, HttpEndpoint& endpoint) {
  const std::string help = "Headers of every " + std::string(each) +
                           ", such as X-Scope-OrgID; their values count as secrets.";
  for (auto& [name, value] : section.StringMap("headers", {.help = help})) {
    if (!IsHeaderName(name))
      section.Report("headers", "found '" + Sanitize(name, 64) +
                                    "', want the name of a header: letters, digits and -");
    endpoint.headers.emplace_back(name, Secret(value));
  }
}

void ReadAuthorization(const Section& section, std::string_view each, HttpEndpoint& endpoint) {
  const auto basic = section.Child("basic_auth", "HTTP basic authentication.");
  endpoint.basic_user = basic.String("username", "", {.help = "User."});
  endpoint.basic_password = basic.Secret("password", {.help = "Password."});
  const std::string help = "Sent as `Authorization: Bearer`; a file is read again for every " +
                           std::string(each) + ", because tokens rotate.";
  endpoint.bearer_token = section.Secret("bearer_token", {.help = help});
  // Secret() has documented and checked the file; its content of now would be stale tomorrow.
  if (section.Has("bearer_token_file")) {
    endpoint.bearer_token_file = section.String("bearer_token_file", "", {.help = ""});
    endpoint.bearer_token = {};
  }
  const bool bearer = !endpoint.bearer_token.empty() || !endpoint.bearer_token_file.empty();
  if (bearer && !endpoint.basic_user.empty())
    section.Report("bearer_token", "found together with basic_auth, want one of them");
}

}  // namespace

TlsOptions ReadTlsOptions(const Section& section) {
  TlsOptions tls;
  tls.ca_file =
      section.String("ca_file", "", {.help = "CA certificates, PEM; empty: the system's."});
  tls.cert_file = section.String("cert_file", "", {.help = "Client certificate, PEM."});
  tls.key_file = section.String("key_file", "", {.help = "Key of the client certificate, PEM."});
  tls.server_name = section.String(
      "server_name", "", {.help = "Name in the server's certificate; empty: the URL's host."});
  tls.insecure_skip_verify = section.Bool(
      "insecure_skip_verify", false, {.help = "Accept any certificate: only for experiments."});
  if (tls.cert_file.empty() != tls.key_file.empty())
    section.Report("cert_file", "cert_file and key_file only work together");
  return tls;
}

HttpEndpoint ReadHttpEndpoint(const Section& section, std::string_view each) {
  HttpEndpoint endpoint;
  ReadAuthorization(section, each, endpoint);
  ReadHeaders(section, each, endpoint);
  endpoint.tls = ReadTlsOptions(section.Child("tls", "For https."));
  return endpoint;
}

}  // namespace aiops
