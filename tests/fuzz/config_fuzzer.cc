// The whole of aiops.yml, read by every room that reads it.
#include "base/result.h"
#include "ctl/checked_config.h"
#include "text/sanitize.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  aiops::Sources sources;
  sources.file = "aiops.yml";
  sources.text.assign(reinterpret_cast<const char*>(data), size);
  const auto checked = aiops::CheckConfig(std::move(sources), "host");
  for (const auto& problem : checked.problems) {
    AIOPS_CHECK(!problem.message.empty());
    AIOPS_CHECK(aiops::IsValidUtf8(ToString(problem)));
  }
  return 0;
}
