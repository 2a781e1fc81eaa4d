#include "text/invocation.h"

#include <filesystem>
#include <string_view>

#include "text/sanitize.h"

namespace aiops {

Invocation InvocationOf(const std::string& program) {
  namespace fs = std::filesystem;
  if (program.find('/') == std::string::npos) return {};
  const fs::path folder = fs::path(program).parent_path();
  const fs::path run = (folder / "../../scripts/run").lexically_normal();
  std::error_code failed;
  const bool checkout =
      fs::is_regular_file(run, failed) && fs::exists(folder / "CMakeCache.txt", failed);
  return {Sanitize((folder / "aiopsctl").string()),
          Sanitize((checkout ? run : folder / "aiops_exporter").string())};
}

std::string AsCalled(std::string text, const Invocation& call) {
  constexpr std::string_view kName = "aiopsctl ";
  for (size_t at = 0; (at = text.find(kName, at)) != std::string::npos;) {
    const bool word = at == 0 || std::string_view(" \n`(").find(text[at - 1]) != std::string::npos;
    if (word) text.replace(at, kName.size() - 1, call.ctl);
    at += word ? call.ctl.size() : kName.size();
  }
  return text;
}

}  // namespace aiops
