#include "collect/nginx/options.h"

#include <algorithm>

#include "collect/docker/endpoint.h"
#include "collect/nginx/log_fields.h"
#include "collect/nginx/named_formats.h"
#include "collect/nginx/usual_log.h"

namespace aiops {
namespace {

ClientSource ReadClient(const Section& section) {
  ClientSource client;
  client.variable = ClientSource::Normalised(section.String(
      "client", "remote_addr",
      {.help = "The variable that names the client: remote_addr, x_forwarded_for, "
               "realip_remote_addr, or any other of the format. A header (http_...) is only "
               "believed from trusted_proxies."}));
  for (const auto& text : section.Strings(
           "trusted_proxies", {},
           {.help = "Networks (CIDR, IPv4 and IPv6) whose X-Forwarded-For is believed; of its "
                    "addresses the last that is not in them is the client."})) {
    auto network = ParseNetwork(text);
    if (network) {
      client.trusted.push_back(*network);
    } else {
      section.Report("trusted_proxies", network.error().message);
    }
  }
  const bool name = !client.variable.empty() &&
                    client.variable.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
                        std::string::npos;
  if (!name) {
    section.Report("client", "want the name of a variable, such as remote_addr");
  } else if (client.IsHeader() && client.trusted.empty() && !section.Has("trusted_proxies")) {
    section.Report("client", "found '" + client.variable +
                                 "', a header that anybody can send: name the proxies that may "
                                 "send it in trusted_proxies");
  }
  if (!name) client.variable = "remote_addr";
  return client;
}

// Reports what no parser can be made of, and then falls back to what can.
void Check(const Section& section, LineOptions& lines) {
  const bool guess = lines.format == kGuess;
  const auto claimed = lines.client.Claimed();
  const auto json = MakeLineParser("json", lines.json_keys, claimed);
  if (!json) {
    section.Report("json_keys", json.error().message);
    lines.json_keys.clear();
  }
  if (guess) return;
  const auto parser = MakeLineParser(lines.format, lines.json_keys, claimed);
  if (!parser) {
    section.Report("format", parser.error().message);
    lines.format = kGuess;
  } else if (!claimed.empty() && !((*parser)->Fields() & Bit(EntryField::kClaimed))) {
    section.Report("client", "the format '" + lines.format + "' has no $" + std::string(claimed) +
                                 ": add it to the log_format, or want remote_addr");
  }
}

LineOptions ReadLines(const Section& section) {
  LineOptions lines;
  lines.format = section.String("format", kGuess,
                                {.help = "How the lines look: " + AllowedFormats() +
                                         ". auto is guessed from each log's first lines."});
  lines.json_keys = section.StringMap(
      "json_keys",
      {.help = "For json: the key of a field, where it is not the variable's name: `status: "
               "response.code`, with dots for nested keys. Fields: remote_addr, time, request, "
               "request_method, request_uri, status, body_bytes_sent, bytes_sent, host, "
               "server_name, http_user_agent, request_length, request_time (_ms, _us, _ns), "
               "upstream_response_time."});
  const std::string wrapper = section.Choice(
      "wrapper", kGuess, {kGuess, "none", "docker", "cri"},
      {.help = "What a container engine put around the lines: Docker's json-file, or the CRI "
               "format of Kubernetes and Podman. auto tells by the lines."});
  lines.wrapper = WrapperNamed(wrapper);
  lines.client = ReadClient(section);
  Check(section, lines);
  return lines;
}

ContainerOptions ReadContainers(const Section& section, LineOptions lines) {
  ContainerOptions out;
  auto names = section.Strings(
      "containers", {},
      {.help = "Containers whose output (stdout) is read as access logs, by name or shell "
               "pattern. Whoever may ask an engine controls its machine, unless through a socket "
               "proxy that only lets reading pass."});
  auto engine = docker::ReadEndpoint(
      section.Child("engine", "Where `containers` are: Docker or Podman."), "/var/run/docker.sock");
  if (!engine) {
    if (!names.empty()) section.Report("containers", "want an address in engine.socket, too");
    return out;
  }
  out.names = std::move(names);
  out.engine = *std::move(engine);
  out.lines = std::move(lines);
  out.lines.wrapper = Wrapper::kNone;
  return out;
}

// One that was set must be over before the answer is due. One that cannot be read was reported.
void CheckGrace(const Section& section, Duration deadline) {
  if (!section.Has("grace")) return;
  const Duration grace = section.Duration("grace", Duration{}, {.min = "0s", .max = "1m"});
  if (grace < deadline) return;
  section.Report("grace", "found " + FormatDuration(grace) + ", want less than collect.deadline (" +
                              FormatDuration(deadline) +
                              "), when the answer is due: lower the one or raise the other");
}

}  // namespace

NginxOptions ReadNginxOptions(const Section& section, Duration interval, Duration deadline) {
  NginxOptions options;
  options.logs = section.Strings("logs", {kUsualNginxLog},
                                 {.help = "Access logs to follow, by path or shell pattern. "
                                          "Rotated files are found by themselves. With "
                                          "`containers` there is no default."});
  options.grace = section.Duration(
      "grace", seconds(5),
      {.help = "How long after its end an interval waits for lines that belong to it; less than "
               "collect.deadline.",
       .min = "0s",
       .max = "1m"});
  CheckGrace(section, deadline);
  const std::string start = section.Choice(
      "start", "end", {"end", "beginning"},
      {.help = "Where a first start begins: at the end of the log, or with all that is in it."});
  options.start = start == "end" ? StartAt::kTail : StartAt::kBeginning;
  options.lines = ReadLines(section);
  options.containers = ReadContainers(section, options.lines);
  if (!options.containers.names.empty() && !section.Has("logs")) options.logs.clear();
  const Section errors_only =
      section.Child("errors_only", "When a site that answers only errors is a fact.");
  options.errors_only.min_requests = static_cast<size_t>(errors_only.Int(
      "min_requests", 5, {.help = "So many answers in a row with 5xx.", .min = "2", .max = "100"}));
  options.errors_only.window = errors_only.Duration(
      "window", minutes(10), {.help = "Within this time.", .min = "1s", .max = "1d"});
  options.errors_only.hold = std::min(options.errors_only.hold, interval);
  options.sites = ReadSiteOptions(section);
  return options;
}

}  // namespace aiops
