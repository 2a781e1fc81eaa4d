#include "notify/alertmanager/options.h"

#include <algorithm>
#include <set>

#include "config/http_options.h"
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

}  // namespace

Options ReadOptions(const Section& section) {
  Options options;
  const auto urls = ReadUrls(section);
  HttpEndpoint endpoint = ReadHttpEndpoint(section, "post");
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
