// A script of what a log's writer, logrotate, the reader and its killer do, one byte a decision: a
// line that is in some file is delivered once (unit/collect/nginx_follower_model.h).
#include <cstdio>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "unit/collect/nginx_follower_model.h"

namespace {

constexpr int kMaxSteps = 200;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  static const bool quiet = aiops::SetUpLog("error", "logfmt").has_value();
  AIOPS_CHECK(quiet);
  aiops::ByteChoices choices({reinterpret_cast<const char*>(data), size});
  aiops::FollowerModelOptions options{.everything = true};
  if (choices.OneIn(2)) options.file_time = aiops::milliseconds(4);
  const std::string problem = aiops::FollowerModel(choices, options).Run(kMaxSteps);
  std::fputs(problem.c_str(), stderr);
  AIOPS_CHECK(problem.empty());
  return 0;
}
