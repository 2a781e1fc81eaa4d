// What a command of aiopsctl is made of. Not for other rooms.
//
// To add one: a file <name>_command.cc with an Add<Name>Command, declared here and listed in the
// table of ctl.cc.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "base/result.h"
#include "text/invocation.h"

namespace CLI {
class App;
}

namespace aiops {

enum ExitCode {
  kExitOk = 0,
  kExitFailed = 1,       // the thing asked for did not work
  kExitUsage = 2,        // wrong flags or a wrong configuration
  kExitUnreachable = 4,  // no answer from the daemon
};

// One run of the program: the parser, where to write, how it was called, and, after the parse, what
// to do.
struct CommandLine {
  CLI::App& app;
  std::ostream& out;
  std::ostream& err;
  Invocation call;
  std::function<int()> chosen;

  // Adds a subcommand; `help` is one sentence, `examples` whole lines.
  CLI::App& Add(const std::string& name, const std::string& help, const std::string& examples);
  // What runs, and gives the exit code, when `command` was chosen.
  void Run(CLI::App& command, std::function<int()> run);
};

// Tells the error, and returns the exit code that it stands for: wrong usage, or failed.
int Fail(const Error& error, CommandLine& line);

void AddCheckConfigCommand(CommandLine& line);
void AddConfigReferenceCommand(CommandLine& line);
void AddMetricsReferenceCommand(CommandLine& line);
void AddInitCommand(CommandLine& line);
void AddStatusCommand(CommandLine& line);
void AddAnomaliesCommand(CommandLine& line);
void AddWhyCommand(CommandLine& line);
void AddAuditCommand(CommandLine& line);
void AddAcknowledgeCommand(CommandLine& line);
void AddRealCommand(CommandLine& line);
void AddExpectedCommand(CommandLine& line);
void AddWindowCommand(CommandLine& line);
void AddMuteCommand(CommandLine& line);
void AddRunCommand(CommandLine& line);
void AddTrainCommand(CommandLine& line);
void AddReloadCommand(CommandLine& line);
void AddModelCommand(CommandLine& line);
void AddOutboxCommand(CommandLine& line);
void AddParseLogCommand(CommandLine& line);
void AddRecordCommand(CommandLine& line);
void AddReplayCommand(CommandLine& line);
void AddBacktestCommand(CommandLine& line);
void AddBenchForestCommand(CommandLine& line);

}  // namespace aiops
