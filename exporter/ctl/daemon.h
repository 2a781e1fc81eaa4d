// The running daemon, as the online commands reach it.
#pragma once

#include <memory>
#include <string>

#include "ctl/command.h"
#include "net/http_client.h"

namespace CLI {
class App;
}

namespace aiops {

struct OnlineOptions {
  std::string url = "http://127.0.0.1:8100";
  std::string user;
  std::string password_file;
  std::string ca_file;
  std::string cert_file;  // where the daemon wants a client's certificate
  std::string key_file;
  std::string output = "table";  // or "json"
  bool json() const { return output == "json"; }
};

// Adds --web.url, --user, --password-file, --ca-file, --cert-file, --key-file, --output and --json
// to a command.
std::shared_ptr<OnlineOptions> AddOnlineOptions(CLI::App& command);

struct DaemonAnswer {
  int exit_code = 0;
  std::string body;  // where exit_code is 0
};

// Sends and waits for the answer. What goes wrong is told on `line.err` in a sentence. The password
// comes from --password-file, else from the variable AIOPS_PASSWORD.
DaemonAnswer AskDaemon(const OnlineOptions& options, const HttpRequest& request, CommandLine& line);

// The daemon's sentence with the commands of this tool for the addresses in it: "GET /anomalies" is
// `aiopsctl anomalies`.
std::string InCommands(std::string text, const Invocation& call);

}  // namespace aiops
