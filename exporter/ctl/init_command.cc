#include <CLI/App.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>

#include "collect/read_access.h"
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
                           "; " + ReadAccessAdvice(found.unreadable_logs.front()));
  const std::string scrapes = found.scrape_interval ? ", whose targets are scraped every " +
                                                          FormatDuration(*found.scrape_interval)
                                                    : "";
  out += line(!found.prometheus.empty(),
              "Prometheus: " + (found.prometheus.empty() ? "no answer; this machine's /proc is read"
                                                         : found.prometheus + scrapes));
  out += line(!found.alertmanager.empty(),
              "Alertmanager: " +
                  (found.alertmanager.empty() ? "no answer; nobody is told" : found.alertmanager));
  if (!found.docker_socket.empty())
    out += line(false, "Docker: " + found.docker_socket +
                           " is there; left commented out, for access to it is access as root");
  return out + line(true, "time zone: " + found.timezone);
}

// Why nothing can be written there without asking; empty if it can.
std::string Refusal(const InitOptions& options) {
  std::error_code failed;
  const auto status = std::filesystem::status(options.output, failed);
  const std::string name = TerminalText(options.output);
  if (std::filesystem::is_directory(status))
    return name + " is a folder: name a file, like --output " + name + "/aiops.yml";
  if (std::filesystem::exists(status) && !options.force)
    return name + " exists and is not overwritten: give --force or another --output";
  return "";
}

std::string NextSteps(const std::string& name, const Invocation& call) {
  const bool found_by_itself = name == "aiops.yml";
  return "\nWrote " + name + ". Next:\n  " + call.ctl + " check-config" +
         (found_by_itself ? "" : " " + name) + "\n  " + call.daemon +
         (found_by_itself ? "" : " --config.file=" + name) + "\n";
}

int Init(const InitOptions& options, CommandLine& line) {
  if (const std::string refusal = Refusal(options); !refusal.empty()) {
    line.err << refusal << "\n";
    return kExitFailed;
  }
  const auto http = MakeHttpClient();
  const Discovery found = Discover({}, *http);
  errno = 0;
  std::ofstream file(options.output, std::ios::trunc);
  file << AsCalled(StarterConfig(found), line.call);
  file.close();
  const std::string name = TerminalText(options.output);
  if (!file) {
    line.err << "cannot write " << name << ": " << std::strerror(errno)
             << "; give another --output\n";
    return kExitFailed;
  }
  line.out << Report(found) << NextSteps(name, line.call);
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
