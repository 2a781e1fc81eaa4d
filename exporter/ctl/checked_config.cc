#include "ctl/checked_config.h"

#include <algorithm>
#include <map>
#include <memory>

#include "analyze/analyzer.h"
#include "app/setup.h"
#include "base/clock.h"
#include "collect/collector.h"
#include "config/config.h"
#include "config/reference.h"
#include "net/http_client.h"
#include "notify/notifier.h"
#include "web/server.h"

namespace aiops {
namespace {

// One pass over the document: the core's keys, then those of each plug-in.
class Reader {
 public:
  Reader(Document& document, const std::string& host)
      : root_(document.Root()),
        config_(ReadConfig(document, host, NamesOfPlugins())),
        http_(MakeHttpClient()) {}

  // What a server would find in it: an address that cannot be one, a file that cannot be used.
  void CheckWeb() const {
    const auto web = root_.Child("web");
    WebOptions options{.listen_address = config_.web.listen_address};
    if (const auto usable = CheckWebOptions(options); !usable)
      web.Report("listen_address", usable.error().message);
    options = {.config_file = config_.web.config_file};
    if (const auto usable = CheckWebOptions(options); !usable)
      web.Report("config_file", usable.error().message);
  }

  void WarnOfUnjudged(const std::vector<std::string>& sources) const {
    aiops::WarnOfUnjudged(root_, config_, sources);
  }

  void ReadPlugins(CheckedConfig& out) {
    ReadCollectors(out);
    ReadNotifiers(out);
    const auto analyze = root_.Child("analyze", "Wording a root cause.");
    for (const auto* analyzer : AllAnalyzers())
      analyzer->make(analyze.Child(analyzer->name, analyzer->help), *http_);
    for (const Scope& scope : config_.scopes)
      out.scopes.emplace_back(scope.name, scope.features.size());
  }

 private:
  void ReadCollectors(CheckedConfig& out) {
    const auto collect = root_.Child("collect");
    for (const auto* collector : AllCollectors()) {
      const CollectorContext context = ContextFor(config_, *collector, clock_, *http_);
      const auto made =
          collector->make(collect.Child(collector->section, collector->help), context);
      if (made) {
        out.sources.emplace_back(collector->name);
        continue;
      }
      for (const auto& feature : context.features)
        out.missing.push_back(feature.name + " (" + collector->name + ")");
    }
  }

  void ReadNotifiers(CheckedConfig& out) {
    const auto notify = root_.Child("notify", "Receivers of messages.");
    for (const auto* notifier : AllNotifiers()) {
      const auto made = notifier->make(
          notify.Child(notifier->name, notifier->help),
          {clock_, *http_, config_.web.external_url, config_.labels, config_.timezone});
      if (!made.empty()) out.receivers.emplace_back(notifier->name);
    }
  }

  const Section root_;
  const Config config_;
  SystemClock clock_;
  const std::unique_ptr<HttpClient> http_;
};

}  // namespace

CheckedConfig CheckConfig(Sources sources, const std::string& host) {
  CheckedConfig out;
  Document document(std::move(sources));
  Reader reader(document, host);
  if (document.problems().empty()) reader.CheckWeb();
  reader.ReadPlugins(out);
  if (document.problems().empty()) reader.WarnOfUnjudged(out.sources);
  document.Finish();
  out.problems = document.problems();
  out.warnings = document.warnings();
  return out;
}

Result<void> RefuseProblems(const Sources& sources, const std::string& host) {
  std::string all;
  for (const auto& problem : CheckConfig(sources, host).problems)
    all += (all.empty() ? "" : "\n") + ToString(problem);
  if (!all.empty()) return InvalidArgument(all);
  return {};
}

std::string DescribeConfig() {
  Sources sources;
  sources.describe = true;
  Document document(std::move(sources));
  CheckedConfig ignored;
  Reader(document, "").ReadPlugins(ignored);
  return ConfigurationReference(document.docs());
}

}  // namespace aiops
