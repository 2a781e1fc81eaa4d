#include "ctl/daemon.h"

#include <CLI/App.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/command.h"
#include "ctl/json_text.h"
#include "ctl/terminal.h"
#include "text/sanitize.h"

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
  while (endpoint.base_url.ends_with('/')) endpoint.base_url.pop_back();
  endpoint.tls.ca_file = options.ca_file;
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

int TellRefused(const OnlineOptions& options, const HttpResponse& response, std::ostream& err) {
  err << "the daemon refused: " << Refusal(response) << "\n";
  if (response.status == 401)
    err << "set --user, and the password in AIOPS_PASSWORD or --password-file\n";
  if (response.status == 404 && !ParseJson(response.body))
    err << "is " << StripUrl(options.url) << " an aiops_exporter? set --web.url\n";
  return kExitFailed;
}

int TellUnreachable(const OnlineOptions& options, const Error& error, std::ostream& err) {
  err << "cannot reach the daemon at " << TerminalText(StripUrl(options.url)) << ": "
      << TerminalText(error.message) << "; is it running? set --web.url\n";
  return error.kind == ErrorKind::kInvalidArgument ? kExitUsage : kExitUnreachable;
}

}  // namespace

std::shared_ptr<OnlineOptions> AddOnlineOptions(CLI::App& command) {
  auto options = std::make_shared<OnlineOptions>();
  command.add_option("--web.url", options->url, "Where the daemon is.")
      ->envname("AIOPS_URL")
      ->capture_default_str();
  command.add_option("--user", options->user,
                     "User, where the daemon wants one; password in AIOPS_PASSWORD.");
  command.add_option("--password-file", options->password_file,
                     "A file with the password, instead of AIOPS_PASSWORD.");
  command.add_option("--ca-file", options->ca_file, "Certificates to trust with https, PEM.");
  command.add_option("--output", options->output, "How to print: table or json.")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  return options;
}

Answer AskDaemon(const OnlineOptions& options, const HttpRequest& request, std::ostream& err) {
  const auto endpoint = EndpointOf(options);
  if (!endpoint) {
    err << TerminalText(endpoint.error().message) << "\n";
    return {kExitUsage, {}};
  }
  HttpRequest named = request;
  named.headers.emplace_back("User-Agent", "aiopsctl");  // the audit trail tells the way in
  const auto response = MakeHttpClient()->Send(*endpoint, named, {});
  if (!response) return {TellUnreachable(options, response.error(), err), {}};
  if (response->status < 200 || response->status > 299)
    return {TellRefused(options, *response, err), {}};
  return {kExitOk, response->body};
}

}  // namespace aiops
