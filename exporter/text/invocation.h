// How to call what belongs together, as the person at the terminal called this program.
#pragma once

#include <string>

namespace aiops {

struct Invocation {
  std::string ctl = "aiopsctl";           // "build/release/aiopsctl"
  std::string daemon = "aiops_exporter";  // "scripts/run", "build/release/aiops_exporter"
};

// `program`: argv[0] of either. Without a folder in it both are found by PATH; in the build of a
// checkout the daemon is started by scripts/run.
Invocation InvocationOf(const std::string& program);

// A text that names commands as `aiopsctl why`, with the name that this program was called by.
std::string AsCalled(std::string text, const Invocation& call);

}  // namespace aiops
