// The whole of aiops.yml read as the daemon reads it, plug-ins included, without touching a source.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/section.h"

namespace aiops {

struct CheckedConfig {
  std::vector<Problem> problems;  // none: the daemon would start with it
  std::vector<Problem> warnings;
  std::vector<std::pair<std::string, size_t>> scopes;  // name and number of features
  std::vector<std::string> sources;                    // collectors that would run
  std::vector<std::string> receivers;                  // notifiers that would run, by kind
  std::vector<std::string> missing;  // "container_count_unhealthy (docker)": nobody measures these
};

// `host` names the default entity.
CheckedConfig CheckConfig(Sources sources, const std::string& host);

// InvalidArgument with all problems, one a line, if there are any.
Result<void> RefuseProblems(const Sources& sources, const std::string& host);

// Every key of every room, as docs/configuration.md.
std::string DescribeConfig();

}  // namespace aiops
