#include <CLI/App.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>

#include "ctl/command.h"
#include "ctl/discovery.h"
#include "ctl/starter_config.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

struct InitOptions {
  std::string output = "aiops.yml";
  bool force = false;
};

std::string Report(const Discovery& found) {
  const auto line = [](bool ok, const std::string& text) {
    return std::string(ok ? "✓ " : "✗ ") + TerminalText(text) + "\n";
  };
  const bool logs = !found.readable_logs.empty();
  std::string out = line(logs, logs ? "Nginx: " + JoinOr(found.readable_logs, "")
                                    : "Nginx: no readable access log below /var/log/nginx");
  if (!found.unreadable_logs.empty())
    out += line(false, "Nginx: not readable for this user: " + JoinOr(found.unreadable_logs, "") +
                           "; on Debian the group adm may read them");
  out += line(!found.prometheus.empty(),
              "Prometheus: " + (found.prometheus.empty() ? "no answer; this machine's /proc is read"
                                                         : found.prometheus));
  out += line(!found.alertmanager.empty(),
              "Alertmanager: " +
                  (found.alertmanager.empty() ? "no answer; nobody is told" : found.alertmanager));
  if (!found.docker_socket.empty())
    out += line(false, "Docker: " + found.docker_socket +
                           " is there; left commented out, for access to it is access as root");
  return out + line(true, "time zone: " + found.timezone);
}

int Init(const InitOptions& options, CommandLine& line) {
  std::error_code failed;
  if (!options.force && std::filesystem::exists(options.output, failed)) {
    line.err << TerminalText(options.output)
             << " exists and is not overwritten: give --force or another --output\n";
    return kExitFailed;
  }
  const auto http = MakeHttpClient();
  const Discovery found = Discover({}, *http);
  std::ofstream file(options.output, std::ios::trunc);
  file << StarterConfig(found);
  file.close();
  if (!file) {
    line.err << "cannot write " << TerminalText(options.output) << "\n";
    return kExitFailed;
  }
  const std::string name = TerminalText(options.output);
  line.out << Report(found) << "\nWrote " << name << ". Next:\n  aiopsctl check-config " << name
           << "\n  aiops_exporter --config.file=" << name << "\n";
  return kExitOk;
}

}  // namespace

void AddInitCommand(CommandLine& line) {
  auto& command =
      line.Add("init", "Writes a commented configuration for what runs on this machine.",
               "  aiopsctl init\n"
               "  aiopsctl init --output /etc/aiops/aiops.yml");
  const auto options = std::make_shared<InitOptions>();
  command.add_option("--output", options->output, "Where to write it.")->capture_default_str();
  command.add_flag("--force", options->force, "Overwrite a file that is there.");
  line.Run(command, [&line, options] { return Init(*options, line); });
}

}  // namespace aiops
