#include "ctl/daemon.h"

#include <CLI/App.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/json_text.h"
#include "ctl/terminal.h"
#include "text/sanitize.h"
#include "text/url.h"

namespace aiops {
namespace {

constexpr size_t kMaxPasswordBytes = 4096;

Result<Secret> ReadPassword(const OnlineOptions& options) {
  if (options.password_file.empty()) {
    const char* password = std::getenv("AIOPS_PASSWORD");
    return Secret(password ? password : "");
  }
  std::ifstream file(options.password_file);
  std::string line;
  if (!std::getline(file, line) || line.empty() || line.size() > kMaxPasswordBytes)
    return InvalidArgument("cannot read a password from " + options.password_file);
  if (line.ends_with('\r')) line.pop_back();
  return Secret(std::move(line));
}

Result<HttpEndpoint> EndpointOf(const OnlineOptions& options) {
  HttpEndpoint endpoint;
  endpoint.base_url = options.url;
  if (endpoint.base_url.find("://") == std::string::npos) endpoint.base_url.insert(0, "http://");
  endpoint.base_url = WithoutTrailingSlashes(std::move(endpoint.base_url));
  endpoint.tls.ca_file = options.ca_file;
  endpoint.tls.cert_file = options.cert_file;
  endpoint.tls.key_file = options.key_file;
  endpoint.basic_user = options.user;
  if (!options.user.empty()) {
    AIOPS_TRY(endpoint.basic_password, ReadPassword(options));
  }
  return endpoint;
}

// The daemon's own sentence, where there is one.
std::string Refusal(const HttpResponse& response) {
  const auto json = ParseJson(response.body);
  if (json && Member(*json, "error").is_string()) return TextOf(*json, "error");
  return "status " + std::to_string(response.status);
}

int TellRefused(const OnlineOptions& options, const HttpResponse& response, CommandLine& line) {
  line.err << "the daemon refused: " << InCommands(Refusal(response), line.call) << "\n";
  if (response.status == 401)
    line.err << "set --user, and the password in AIOPS_PASSWORD or --password-file\n";
  if (response.status == 404 && !ParseJson(response.body))
    line.err << "is " << StripUrl(options.url) << " an aiops_exporter? set --web.url\n";
  return kExitFailed;
}

int TellUnreachable(const OnlineOptions& options, const Error& error, CommandLine& line) {
  const std::string url = TerminalText(StripUrl(options.url));
  line.err << "cannot reach the daemon at " << url << ": " << TerminalText(error.message) << "\n";
  if (error.kind == ErrorKind::kInvalidArgument) {
    line.err << "set --web.url, like http://127.0.0.1:8100\n";
    return kExitUsage;
  }
  line.err << "Start it with `" << line.call.daemon
           << "`, or say where it listens: --web.url http://HOST:PORT\n";
  return kExitUnreachable;
}

}  // namespace

std::shared_ptr<OnlineOptions> AddOnlineOptions(CLI::App& command) {
  auto options = std::make_shared<OnlineOptions>();
  command.add_option("--web.url,--url", options->url, "Where the daemon is.")
      ->envname("AIOPS_URL")
      ->capture_default_str();
  command.add_option("--user", options->user,
                     "User, where the daemon wants one; password in AIOPS_PASSWORD.");
  command.add_option("--password-file", options->password_file,
                     "A file with the password, instead of AIOPS_PASSWORD.");
  command.add_option("--ca-file", options->ca_file, "Certificates to trust with https, PEM.");
  auto* cert = command.add_option("--cert-file", options->cert_file,
                                  "This client's certificate, where the daemon wants one, PEM.");
  auto* key = command.add_option("--key-file", options->key_file, "Its key, PEM.");
  cert->needs(key);
  key->needs(cert);
  command.add_option("--output", options->output, "How to print: table or json.")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command.add_flag_callback(
      "--json", [options] { options->output = "json"; }, "Short for --output json.");
  return options;
}

std::string InCommands(std::string text, const Invocation& call) {
  constexpr std::pair<std::string_view, const char*> kCommands[] = {
      {"GET /anomalies", "anomalies"}, {"GET /models", "model list"}, {"GET /windows", "window"},
      {"GET /mutes", "mute"},          {"/status", "status"},         {"/health", "status"}};
  for (const auto& [address, command] : kCommands) {
    if (const auto at = text.find(address); at != std::string::npos)
      text.replace(at, address.size(), "`" + call.ctl + " " + command + "`");
  }
  return AsCalled(std::move(text), call);
}

DaemonAnswer AskDaemon(const OnlineOptions& options, const HttpRequest& request,
                       CommandLine& line) {
  const auto endpoint = EndpointOf(options);
  if (!endpoint) {
    line.err << TerminalText(endpoint.error().message) << "\n";
    return {kExitUsage, {}};
  }
  HttpRequest named = request;
  named.headers.emplace_back("User-Agent", "aiopsctl");  // the audit trail tells the way in
  const auto response = MakeHttpClient()->Send(*endpoint, named, {});
  if (!response) return {TellUnreachable(options, response.error(), line), {}};
  if (response->status < 200 || response->status > 299)
    return {TellRefused(options, *response, line), {}};
  return {kExitOk, response->body};
}

}  // namespace aiops
