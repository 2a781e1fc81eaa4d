#include "collect/nginx/named_formats.h"

#include <algorithm>

#include "collect/nginx/line_parser.h"
#include "collect/nginx/log_fields.h"

namespace aiops {
namespace {

struct TextFormat {
  std::string_view name;
  std::vector<std::string_view> forms;
};

struct JsonFormat {
  std::string_view name;
  JsonKeys keys;
  // How a header's key begins; its name follows as "User-Agent".
  std::string_view header_prefix;
};

#define AIOPS_CLF(ident) "$remote_addr " ident " $remote_user [$time_local] \"$request\" "
#define AIOPS_SENT "$status $body_bytes_sent"
#define AIOPS_REFERER_AND_AGENT " \"$http_referer\" \"$http_user_agent\""
#define AIOPS_COMBINED AIOPS_CLF("-") AIOPS_SENT AIOPS_REFERER_AND_AGENT

// Sources: log.conf of nginx-proxy-manager, "Log format" of ingress-nginx's manual, "Access Logs"
// of Traefik's, mod_log_config and Debian's apache2.conf (vhost_combined), and nginx.conf of the
// nginx package (main).
const std::vector<TextFormat>& TextFormats() {
  static const std::vector<TextFormat> formats{
      {"nginx_proxy_manager",
       {"[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme "
        "$host \"$request_uri\" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] "
        "[Sent-to $server] \"$http_user_agent\" \"$http_referer\"",
        "[$time_local] $status - $request_method $scheme $host \"$request_uri\" "
        "[Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] \"$http_user_agent\" "
        "\"$http_referer\""}},
      {"ingress_nginx",
       {AIOPS_COMBINED " $request_length $request_time [$proxy_upstream_name] "
                       "[$proxy_alternative_upstream_name] $upstream_addr "
                       "$upstream_response_length $upstream_response_time $upstream_status $req_id",
        // Before version 0.22, which knew no alternative upstream.
        AIOPS_COMBINED " $request_length $request_time [$proxy_upstream_name] $upstream_addr "
                       "$upstream_response_length $upstream_response_time $upstream_status"}},
      // Without a router Traefik answers by itself and may write "-" for status and size.
      {"traefik_clf",
       {"$client_list - $remote_user [$time_local] \"$request\" $status_or_dash "
        "$body_bytes_sent" AIOPS_REFERER_AND_AGENT
        " $request_count \"$router\" \"$server_url\" ${request_time_ms}ms"}},
      {"main", {AIOPS_COMBINED " \"$http_x_forwarded_for\""}},
      {"combined", {AIOPS_COMBINED}},
      {"apache_combined",
       {"$server_name:$server_port " AIOPS_CLF("$ident") AIOPS_SENT AIOPS_REFERER_AND_AGENT,
        AIOPS_CLF("$ident") AIOPS_SENT AIOPS_REFERER_AND_AGENT}},
      {"common", {AIOPS_CLF("-") AIOPS_SENT, AIOPS_CLF("$ident") AIOPS_SENT}},
  };
  return formats;
}

// Sources: "Access Logs" of Traefik's manual, "How Logging Works" of Caddy's. Of several keys for
// one field the first counts. Traefik's `time` is the end of the request as in all other formats;
// by its beginning a long one would always come too late.
const std::vector<JsonFormat>& JsonFormats() {
  static const std::vector<JsonFormat> formats{
      {"traefik_json",
       {{"time", "time"},
        {"time", "StartUTC"},
        {"time", "StartLocal"},
        {"client_list", "ClientHost"},
        {"realip_remote_addr", "ClientAddr"},
        {"status", "DownstreamStatus"},
        {"body_bytes_sent", "DownstreamContentSize"},
        {"request_method", "RequestMethod"},
        {"request_uri", "RequestPath"},
        {"host", "RequestHost"},
        {"request_length", "RequestContentSize"},
        {"request_time_ns", "Duration"},
        {"upstream_response_time_ns", "OriginDuration"},
        {"http_user_agent", "request_User-Agent"}},
       "request_"},
      {"caddy_json",
       {{"time", "ts"},
        {"remote_addr", "request.client_ip"},
        {"remote_addr", "request.remote_ip"},
        {"remote_addr_port", "request.remote_addr"},  // before version 2.5
        {"realip_remote_addr", "request.remote_ip"},
        {"status", "status"},
        {"body_bytes_sent", "size"},
        {"request_method", "request.method"},
        {"request_uri", "request.uri"},
        {"host", "request.host"},
        {"request_length", "bytes_read"},
        {"request_time", "duration"},
        {"http_user_agent", "request.headers.User-Agent"}},
       "request.headers."},
  };
  return formats;
}

// Nginx's own variables, then names that others use for them.
constexpr std::pair<std::string_view, std::string_view> kJsonKeys[] = {
    {"remote_addr", "remote_addr"},
    {"remote_addr", "client_ip"},
    {"remote_addr", "remote_ip"},
    {"time_local", "time_local"},
    {"time_iso8601", "time_iso8601"},
    {"msec", "msec"},
    {"time", "time"},
    {"time", "@timestamp"},
    {"time", "timestamp"},
    {"time", "ts"},
    {"request", "request"},
    {"request_method", "request_method"},
    {"request_method", "method"},
    {"request_uri", "request_uri"},
    {"request_uri", "uri"},
    {"request_uri", "path"},
    {"status", "status"},
    {"body_bytes_sent", "body_bytes_sent"},
    {"bytes_sent", "bytes_sent"},
    {"host", "host"},
    {"server_name", "server_name"},
    {"http_user_agent", "http_user_agent"},
    {"http_user_agent", "user_agent"},
    {"request_length", "request_length"},
    {"request_time", "request_time"},
    {"upstream_response_time", "upstream_response_time"},
    {"realip_remote_addr", "realip_remote_addr"},
};

// A field that is given a key has no other.
JsonKeys WithDefaults(const JsonKeys& given, std::string_view claimed) {
  JsonKeys keys = given;
  const auto has = [&](std::string_view name) {
    return std::any_of(given.begin(), given.end(), [&](const auto& each) {
      return FieldNamed(each.first) == FieldNamed(name) && FieldNamed(name) != EntryField::kIgnored;
    });
  };
  for (const auto& [name, key] : kJsonKeys) {
    const bool taken = std::any_of(given.begin(), given.end(),
                                   [&](const auto& each) { return each.second == key; });
    if (!has(name) && !taken) keys.emplace_back(name, key);
  }
  const bool claimed_given = std::any_of(given.begin(), given.end(),
                                         [&](const auto& each) { return each.first == claimed; });
  if (!claimed.empty() && !claimed_given) keys.emplace_back(claimed, claimed);
  return keys;
}

// "http_x_forwarded_for" -> "X-Forwarded-For", as Go writes the names of headers.
std::string HeaderName(std::string_view variable) {
  std::string out;
  for (const char c : variable.substr(5)) {
    const bool first = out.empty() || out.back() == '-';
    const bool lower = c >= 'a' && c <= 'z';
    out.push_back(c == '_' ? '-' : first && lower ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return out;
}

JsonKeys WithHeader(const JsonFormat& format, std::string_view claimed) {
  JsonKeys keys = format.keys;
  if (claimed.starts_with("http_"))
    keys.emplace_back(claimed, std::string(format.header_prefix) + HeaderName(claimed));
  return keys;
}

}  // namespace

const std::vector<std::string_view>& FormatNames() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out;
    for (const auto& format : JsonFormats()) out.push_back(format.name);
    out.push_back("json");
    for (const auto& format : TextFormats()) out.push_back(format.name);
    return out;
  }();
  return names;
}

std::string AllowedFormats() {
  std::string out = "auto";
  for (auto it = FormatNames().rbegin(); it != FormatNames().rend(); ++it)
    out += ", " + std::string(*it);
  return out + " or the text of a log_format with its $variables";
}

bool MayComeOnStderr(std::string_view format) { return format == "caddy_json"; }

Result<std::unique_ptr<LineParser>> MakeLineParser(std::string_view format,
                                                   const JsonKeys& json_keys,
                                                   std::string_view claimed) {
  if (format == "json") return MakeJsonParser(WithDefaults(json_keys, claimed), claimed);
  for (const auto& named : JsonFormats()) {
    if (named.name == format) return MakeJsonParser(WithHeader(named, claimed), claimed);
  }
  for (const auto& named : TextFormats()) {
    if (named.name == format) return MakeFormatParser(named.forms, claimed);
  }
  if (format.find('$') == std::string_view::npos) {
    return InvalidArgument("found '" + std::string(format) + "', want " + AllowedFormats());
  }
  return MakeFormatParser({format}, claimed);
}

}  // namespace aiops
