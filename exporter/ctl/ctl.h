// aiopsctl: the operator's tool. Offline commands use the rooms themselves, online ones speak HTTP
// to the daemon.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace aiops {

// Runs one command line (without the program's name) and returns the exit code: see ctl/command.h.
// `program` is that name, as it was called: what it advises to call next begins likewise. Never
// throws.
int RunCtl(std::vector<std::string> arguments, const std::string& version, std::ostream& out,
           std::ostream& err, const std::string& program = "aiopsctl");

}  // namespace aiops
