#include "ctl/invocation.h"

#include <filesystem>

#include "ctl/terminal.h"

namespace aiops {

Invocation InvocationOf(const std::string& program) {
  namespace fs = std::filesystem;
  if (program.find('/') == std::string::npos) return {};
  const fs::path folder = fs::path(program).parent_path();
  const fs::path run = (folder / "../../scripts/run").lexically_normal();
  std::error_code failed;
  const bool checkout =
      fs::is_regular_file(run, failed) && fs::exists(folder / "CMakeCache.txt", failed);
  return {TerminalText(program),
          TerminalText((checkout ? run : folder / "aiops_exporter").string())};
}

}  // namespace aiops
