#include "notify/alertmanager/options.h"

#include <algorithm>
#include <set>

#include "text/url.h"

namespace aiops::alertmanager {
namespace {

constexpr int kPostsPerExpiry = 4;  // three posts in a row may fail before an alert ends
constexpr Duration kMinExpiry = minutes(3);

std::vector<std::string> ReadUrls(const Section& section) {
  auto urls = section.Strings(
      "urls", {},
      {.help =
           "Base URLs, with their path prefix, of every member of the Alertmanager cluster (not "
           "of a load balancer): `http://localhost:9093`. Empty: off."});
  std::set<std::string> seen;
  for (auto& url : urls) {
    url = WithoutTrailingSlashes(std::move(url));
    if (!IsHttpUrl(url))
      section.Report("urls", "want http://host:port/prefix or https://host:port/prefix");
    else if (!seen.insert(url).second)
      section.Report("urls", "found the same URL twice");
  }
  return urls;
}

void ReadAuthorization(const Section& section, HttpEndpoint& endpoint) {
  const auto basic = section.Child("basic_auth", "HTTP basic authentication.");
  endpoint.basic_user = basic.String("username", "", {.help = "User."});
  endpoint.basic_password = basic.Secret("password", {.help = "Password."});
  endpoint.bearer_token = section.Secret(
      "bearer_token", {.help = "Sent as `Authorization: Bearer`; a file is read again for every "
                               "post, because tokens rotate."});
  // Secret() has documented and checked the file; its content of now would be stale tomorrow.
  if (section.Has("bearer_token_file")) {
    endpoint.bearer_token_file = section.String("bearer_token_file", "", {.help = ""});
    endpoint.bearer_token = {};
  }
  const bool bearer = !endpoint.bearer_token.empty() || !endpoint.bearer_token_file.empty();
  if (bearer && !endpoint.basic_user.empty())
    section.Report("bearer_token", "found together with basic_auth, want one of them");
  for (auto& [name, value] : section.StringMap(
           "headers",
           {.help = "Headers of every post, such as X-Scope-OrgID; their values count as "
                    "secrets."}))
    endpoint.headers.emplace_back(name, Secret(value));
}

TlsOptions ReadTls(const Section& section) {
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

}  // namespace

Options ReadOptions(const Section& section) {
  Options options;
  const auto urls = ReadUrls(section);
  HttpEndpoint endpoint;
  ReadAuthorization(section, endpoint);
  endpoint.tls = ReadTls(section.Child("tls", "For https."));
  options.timeout = section.Duration(
      "timeout", seconds(5), {.help = "Longest time of one post.", .min = "100ms", .max = "1m"});
  // An ended alert is repeated for five minutes: the interval must fit in there twice.
  options.resend_interval = section.Duration(
      "resend_interval", minutes(1),
      {.help = "Open alerts are posted at least so often, and end by themselves four of these (at "
               "least 3m) after the last post.",
       .min = "1s",
       .max = "2m"});
  for (const auto& url : urls) {
    endpoint.base_url = url;
    options.members.push_back(endpoint);
  }
  return options;
}

Duration Expiry(const Options& options) {
  return std::max<Duration>(kMinExpiry, kPostsPerExpiry * options.resend_interval);
}

}  // namespace aiops::alertmanager
