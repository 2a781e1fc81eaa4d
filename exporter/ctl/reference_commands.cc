#include <CLI/App.hpp>
#include <ostream>

#include "ctl/checked_config.h"
#include "ctl/command.h"
#include "web/metric_table.h"

namespace aiops {

void AddConfigReferenceCommand(CommandLine& line) {
  auto& command = line.Add("config-reference", "Prints every key of aiops.yml in Markdown.",
                           "  aiopsctl config-reference > docs/configuration.md");
  line.Run(command, [&line] {
    line.out << DescribeConfig();
    return kExitOk;
  });
}

void AddMetricsReferenceCommand(CommandLine& line) {
  auto& command = line.Add("metrics-reference", "Prints every metric of /metrics in Markdown.",
                           "  aiopsctl metrics-reference > docs/metrics.md");
  line.Run(command, [&line] {
    line.out << MetricsReference();
    return kExitOk;
  });
}

}  // namespace aiops
