#include "ctl/ctl.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <ostream>

#include "config/section.h"
#include "ctl/command.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

using AddCommand = void (*)(CommandLine&);

// In the order of --help: first what a newcomer needs.
constexpr AddCommand kCommands[] = {
    AddInitCommand,
    AddCheckConfigCommand,
    AddStatusCommand,
    AddAnomaliesCommand,
    AddWhyCommand,
    AddAcknowledgeCommand,
    AddRealCommand,
    AddExpectedCommand,
    AddWindowCommand,
    AddMuteCommand,
    AddRunCommand,
    AddTrainCommand,
    AddModelCommand,
    AddOutboxCommand,
    AddReloadCommand,
    AddParseLogCommand,
    AddAuditCommand,
    AddRecordCommand,
    AddReplayCommand,
    AddBacktestCommand,
    AddBenchForestCommand,
    AddConfigReferenceCommand,
    AddMetricsReferenceCommand,
};

constexpr const char* kFooter =
    "Examples:\n"
    "  aiopsctl init                          write aiops.yml for what runs on this machine\n"
    "  aiopsctl check-config aiops.yml        tell everything that is wrong with it\n"
    "  aiopsctl status                        what the daemon sees and what it thinks of it\n"
    "  aiopsctl anomalies --hours 48          what happened in the last two days\n"
    "  aiopsctl parse-log access.log          what the log reader makes of a log\n"
    "  aiopsctl why nas --at 2h               why it was quiet, or not, two hours ago\n"
    "  aiopsctl ack 17 --why \"backup ran\"     tell that somebody takes care\n"
    "\n"
    "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 4 cannot reach the daemon.\n"
    "`aiopsctl COMMAND --help` tells more.";

// Descriptions and examples of every command advise to call this program.
void NameAsCalled(CLI::App& app, const Invocation& call) {
  app.footer(AsCalled(app.get_footer(), call));
  for (CLI::Option* option : app.get_options([](const CLI::Option*) { return true; }))
    option->description(AsCalled(option->get_description(), call));
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    NameAsCalled(*command, call);
}

int Parse(CommandLine& line, std::vector<std::string> arguments) {
  try {
    std::reverse(arguments.begin(), arguments.end());  // the parser takes from the back
    line.app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error, line.out, line.err) == 0 ? kExitOk : kExitUsage;
  }
  return line.chosen();
}

int NoCommand(const std::string& name, CommandLine& line) {
  std::vector<std::string> known;
  for (const CLI::App* command : line.app.get_subcommands({})) known.push_back(command->get_name());
  const std::string nearest = Nearest(name, known);
  line.err << "there is no command '" << TerminalText(name) << "'"
           << (nearest.empty() ? "" : "; did you mean '" + nearest + "'?") << " `" << line.call.ctl
           << " --help` lists all\n";
  return kExitUsage;
}

}  // namespace

CLI::App& CommandLine::Add(const std::string& name, const std::string& help,
                           const std::string& examples) {
  auto* command = app.add_subcommand(name, help);
  if (!examples.empty()) command->footer("Examples:\n" + examples);
  return *command;
}

void CommandLine::Run(CLI::App& command, std::function<int()> run) {
  command.callback([this, run = std::move(run)] { chosen = run; });
}

int Fail(const Error& error, CommandLine& line) {
  line.err << AsCalled(TerminalText(error.message), line.call) << "\n";
  return error.kind == ErrorKind::kInvalidArgument ? kExitUsage : kExitFailed;
}

int RunCtl(std::vector<std::string> arguments, const std::string& version, std::ostream& out,
           std::ostream& err, const std::string& program) {
  try {
    const Invocation call = InvocationOf(program);
    CLI::App app("aiopsctl: the operator's tool of aiops_exporter.", call.ctl);
    app.set_version_flag("--version", "aiopsctl " + version);
    app.footer(kFooter);
    CommandLine line{app, out, err, call, {}};
    for (const AddCommand add : kCommands) add(line);
    NameAsCalled(app, call);
    if (arguments.empty()) {
      err << app.help();
      return kExitUsage;
    }
    if (arguments[0] == "help") {
      out << app.help();
      return kExitOk;
    }
    const auto commands = app.get_subcommands(
        [&](const CLI::App* command) { return command->check_name(arguments[0]); });
    if (!arguments[0].starts_with('-') && commands.empty()) return NoCommand(arguments[0], line);
    app.require_subcommand(1);
    const int code = Parse(line, std::move(arguments));
    if (out.flush()) return code;
    err << "aiopsctl: cannot write to standard output\n";
    return kExitFailed;
  } catch (const std::exception& error) {
    err << "aiopsctl: " << error.what() << "\n";
    return kExitFailed;
  }
}

}  // namespace aiops
