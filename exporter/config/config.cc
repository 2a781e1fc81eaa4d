#include "config/config.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "config/readers.h"
#include "text/sanitize.h"
#include "text/url.h"

namespace aiops {
namespace {

StoreConfig ReadStore(const Section& store) {
  StoreConfig config;
  config.path =
      store.String("path", "data/aiops.db", {.help = "The database; its folder is made."});
  if (config.path.empty()) store.Report("path", "found nothing, want the path of a file");
  config.retention_samples = store.Duration(
      "retention", hours(24 * 30),
      {.help = "How long samples and judgements are kept.", .min = "8d", .max = "520w"});
  config.retention_anomalies = store.Duration(
      "retention_anomalies", hours(24 * 7 * 52),
      {.help = "How long anomalies are kept after their end.", .min = "8d", .max = "520w"});
  return config;
}

// "host:port", ":port", "[v6]:port".
bool IsListenAddress(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || text.find_first_of(" \t\n/,") != std::string_view::npos)
    return false;
  const auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (host.find(':') != std::string_view::npos && !bracketed) return false;
  const auto port = text.substr(colon + 1);
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc{} && end == port.data() + port.size() && number >= 0 &&
         number <= 65535 && port.front() != '-';
}

// "aiops", "aiops:8100", "192.0.2.7", "[::1]": what a Host header holds.
bool IsHostName(std::string_view text) {
  return !text.empty() && text.find_first_of("/*@?# \t\"<>\\") == std::string_view::npos;
}

void ReadAddresses(const Section& web, WebConfig& config) {
  config.listen_address =
      web.String("listen_address", "127.0.0.1:8100",
                 {.help = "Where the web server listens: 127.0.0.1:8100, :8100, [::1]:8100."});
  if (!IsListenAddress(config.listen_address))
    web.Report("listen_address",
               Found(config.listen_address, "a host and a port like 127.0.0.1:8100 or :8100"));
  config.external_url = web.String(
      "external_url", "",
      {.help =
           "The URL under which people reach this server, for links; its host is allowed, too."});
  if (!config.external_url.empty() && !IsHttpUrl(config.external_url))
    web.Report("external_url",
               "found '" + StripUrl(config.external_url) + "', want a URL like https://host/path");
  config.external_url = WithoutTrailingSlashes(std::move(config.external_url));
}

WebConfig ReadWeb(const Section& web) {
  WebConfig config{};
  ReadAddresses(web, config);
  config.allowed_hosts = web.Strings(
      "allowed_hosts", {},
      {.help =
           "Further names for this server in the Host and Origin of a POST, beside IP addresses, "
           "localhost and external_url's host."});
  for (const auto& host : config.allowed_hosts)
    if (!IsHostName(host))
      web.Report("allowed_hosts", Found(host, "names as in a Host header: aiops, nas.lan:8100"));
  config.config_file = web.String(
      "config_file", "",
      {.help =
           "A web configuration file of exporter-toolkit, for TLS and users. Empty: plain HTTP."});
  config.max_connections = static_cast<int>(
      web.Int("max_connections", 32,
              {.help = "Requests served at the same time, a thread each. Further ones, and "
                       "connections without a complete request, wait without a thread.",
               .min = "4",
               .max = "1024"}));
  config.per_feature_series_limit = static_cast<int>(web.Int(
      "per_feature_series_limit", 100,
      {.help = "With more entities in a scope, only anomalous ones have series per feature.",
       .min = "0",
       .max = "100000"}));
  return config;
}

CollectConfig ReadCollect(const Section& collect, const std::string& host) {
  CollectConfig config;
  config.interval = collect.Duration("interval", minutes(1),
                                     {.help = "How often features are collected: the base tick.",
                                      .min = "1s",
                                      .max = "1h",
                                      .env = "AGENT_COLLECT_INTERVAL_MINUTES",
                                      .env_unit = "m"});
  config.deadline = collect.Duration(
      "deadline", std::min<Duration>(seconds(10), config.interval * 4 / 5),
      {.help =
           "How long after the tick's end collectors are waited for. By default 10s, or 0.8 of a "
           "shorter interval.",
       .min = "100ms"});
  if (config.deadline >= config.interval)
    collect.Report("deadline",
                   Found(FormatDuration(config.deadline),
                         "less than collect.interval (" + FormatDuration(config.interval) + ")"));
  const auto entity = collect.String(
      "entity", host, {.help = "The name of the default entity. By default the host's name."});
  config.entity = Sanitize(entity);
  if (config.entity.empty()) collect.Report("entity", "found nothing, want a name");
  config.backfill = collect.Duration(
      "backfill", hours(24 * 14),
      {.help =
           "How much history a first start reads from Prometheus and from rotated logs, so that "
           "a model is there within minutes. At most 20160 samples an entity. 0s: none.",
       .min = "0s",
       .max = "52w"});
  return config;
}

TimeZone ReadTimeZone(const Section& root) {
  const auto name = root.String(
      "timezone", "", {.help = "For schedules and messages: Asia/Seoul. Empty: the system's."});
  auto zone = TimeZone::Open(name);
  if (!zone) root.Report("timezone", zone.error().message);
  return zone ? *zone : *TimeZone::Open("UTC");
}

std::vector<std::pair<std::string, std::string>> ReadLabels(const Section& root) {
  constexpr std::array<std::string_view, 6> kOurs{"alertname", "severity", "entity",
                                                  "scope",     "kind",     "object"};
  const auto labels =
      root.StringMap("labels", {.help = "Labels that are added to every alert: {team: home}."});
  std::vector<std::pair<std::string, std::string>> kept;
  for (const auto& [name, value] : labels) {
    if (!IsLabelName(name) || name.starts_with("__"))
      root.Report("labels." + name, Found(name, "label names like team"));
    else if (std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end())
      root.Report("labels." + name,
                  Found(name,
                        "names other than alertname, severity, entity, scope, kind "
                        "and object, which are set here"));
    else
      kept.emplace_back(name, Sanitize(value));
  }
  return kept;
}

}  // namespace

bool IsSafeName(std::string_view name) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= 64 && is_lower(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

std::string Found(std::string_view text, std::string_view want) {
  std::string message = "found '" + Sanitize(text, 60) + "', ";
  if (!want.starts_with("want ")) message += "want ";
  return message.append(want);
}

Cron ReadCron(const Section& section, std::string_view key, std::string_view fallback, Spec spec) {
  const auto text = section.String(key, fallback, spec);
  auto cron = Cron::Parse(text);
  if (!cron) {
    section.Report(key, cron.error().message);
  } else if (!cron->Next(Time{}, *TimeZone::Open("UTC"))) {
    section.Report(key, Found(text, "a day that some month has"));
  }
  return cron ? *cron : *Cron::Parse(fallback);
}

Config ReadConfig(Document& document, const std::string& host, const KnownNames& known) {
  static const std::vector<std::string> kShippedSources{"nginx_log", "prometheus", "docker",
                                                        "host"};
  const auto& sources = known.sources.empty() ? kShippedSources : known.sources;
  const Section root = document.Root();
  const auto timezone = ReadTimeZone(root);
  const auto store = ReadStore(root.Child("store", "The database."));
  const auto web = ReadWeb(root.Child("web", "The web server: page, API and metrics."));
  const auto collect_section = root.Child("collect", "Collecting features and facts.");
  const auto collect = ReadCollect(collect_section, host);
  auto detect = ReadDetect(root.Child("detect", "Judging what was collected."), collect.interval,
                           store.retention_samples);
  auto notify = ReadNotify(root.Child("notify", "Receivers of messages."));
  auto scopes = ReadScopes(root, collect.interval, collect_section.Has("prometheus.url"), sources);
  auto rules = ReadFactRules(root, known.facts);
  auto policies = ReadFactPolicies(root, known.facts);
  return {timezone,
          store,
          web,
          collect,
          std::move(detect),
          std::move(notify),
          std::move(scopes),
          std::move(rules),
          std::move(policies),
          ReadLabels(root)};
}

}  // namespace aiops
