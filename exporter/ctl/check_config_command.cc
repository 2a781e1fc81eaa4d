#include <unistd.h>

#include <CLI/App.hpp>
#include <memory>
#include <ostream>

#include "ctl/checked_config.h"
#include "ctl/command.h"
#include "ctl/terminal.h"
#include "text/human_number.h"

namespace aiops {
namespace {

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

std::string Summary(const CheckedConfig& checked) {
  std::string text;
  for (const auto& [scope, features] : checked.scopes)
    text += (text.empty() ? "" : ", ") + CountText(features, "feature") + " in scope " + scope;
  text += "; sources " + JoinOr(checked.sources, "none");
  return text + "; receivers " + JoinOr(checked.receivers, "none");
}

int Check(const std::string& path, CommandLine& line) {
  auto sources = ReadSources(path);
  if (!sources) {
    line.err << TerminalText(sources.error().message) << "\n";
    if (sources.error().kind == ErrorKind::kNotFound)
      line.err << "`" << line.call.ctl << " init` writes one for this machine.\n";
    return kExitUsage;
  }
  const auto checked = CheckConfig(*std::move(sources), HostName());
  for (const auto& warning : checked.warnings)
    line.err << "warning: " << TerminalText(ToString(warning)) << "\n";
  for (const auto& problem : checked.problems) line.err << TerminalText(ToString(problem)) << "\n";
  if (!checked.problems.empty()) return kExitUsage;
  line.out << TerminalText(path) << " is valid: " << TerminalText(Summary(checked)) << "\n";
  if (!checked.missing.empty())
    line.out << "Not measured, because the source is not configured: "
             << TerminalText(JoinOr(checked.missing, "")) << "\n";
  return kExitOk;
}

}  // namespace

void AddCheckConfigCommand(CommandLine& line) {
  auto& command = line.Add(
      "check-config", "Reads a configuration as the daemon does and tells all problems at once.",
      "  aiopsctl check-config\n"
      "  aiopsctl check-config /etc/aiops/aiops.yml\n"
      "  AGENT_EWMA_SIGMA=4 aiopsctl check-config   variables count, too");
  const auto path = std::make_shared<std::string>("aiops.yml");
  command.add_option("file", *path, "The configuration.")->capture_default_str();
  line.Run(command, [&line, path] { return Check(*path, line); });
}

}  // namespace aiops
