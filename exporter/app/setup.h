// Setup: from files, variables and flags to a Config and the plug-ins that it names.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collect/collector.h"
#include "config/config.h"
#include "notify/notifier.h"
#include "pipeline/history.h"
#include "pipeline/view.h"

namespace aiops {

struct SetupOptions {
  std::string config_file;  // empty: aiops.yml in the current folder, else the embedded try-out
  bool docker = false;      // in a try-out: use the Docker socket
  std::map<std::string, std::string> flags;       // key path -> text
  std::map<std::string, std::string> flag_names;  // key path -> "--web.listen-address"
};

struct Setup {
  std::unique_ptr<Document> document;
  Config config;
  bool tryout = false;
  std::string file;                    // that was read; empty in a try-out
  std::vector<SourceCheck> checklist;  // what a try-out found and what it did not
  struct NamedCollector {
    const CollectorDescriptor* descriptor;
    std::unique_ptr<Collector> collector;
  };
  std::vector<NamedCollector> collectors;
  std::vector<std::unique_ptr<Notifier>> notifiers;
  std::vector<HistorySource>
      history;  // the same collectors once more; none if collect.backfill is 0
};

// Reads and checks everything, touches no source but the probes of a try-out. The error's message
// holds all problems, one a line. `clock` and `http` outlive the setup.
Result<Setup> MakeSetup(const SetupOptions& options, Clock& clock, HttpClient& http);

// What the configuration may name: the sources that were linked in, and their facts.
KnownNames NamesOfPlugins();
// What a collector is given. References outlive it.
CollectorContext ContextFor(const Config& config, const CollectorDescriptor& descriptor,
                            Clock& clock, HttpClient& http);

// Warns of each scope that nothing will ever judge, because too few of its features have a source.
// `sources`: the collectors that run.
void WarnOfUnjudged(const Section& root, const Config& config,
                    const std::vector<std::string>& sources);

// The name of this machine, sanitised.
std::string HostName();

// The embedded try-out: rounds in seconds, a database of its own, what is found on this machine.
Sources TryoutSources(bool docker, HttpClient& http, std::vector<SourceCheck>* checklist);

}  // namespace aiops
