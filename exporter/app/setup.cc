#include "app/setup.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/log.h"
#include "collect/nginx/usual_log.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr const char* kDefaultFile = "aiops.yml";

std::vector<WantedFeature> Wanted(const Config& config, const std::string& source) {
  std::vector<WantedFeature> out;
  for (std::uint32_t s = 0; s < config.scopes.size(); ++s) {
    const Scope& scope = config.scopes[s];
    for (std::uint32_t f = 0; f < scope.features.size(); ++f) {
      const Feature& feature = scope.features[f];
      if (feature.source != source) continue;
      out.push_back(
          {{s, f}, feature.expr, scope.entity_labels, feature.name, feature.absent_is_zero});
    }
  }
  return out;
}

void MakePlugins(Setup& setup, Clock& clock, HttpClient& http) {
  Section root = setup.document->Root();
  const Section collect = root.Child("collect");
  for (const auto* descriptor : AllCollectors()) {
    auto collector = descriptor->make(collect.Child(descriptor->section, descriptor->help),
                                      ContextFor(setup.config, *descriptor, clock, http));
    if (collector) setup.collectors.push_back({descriptor, std::move(collector)});
  }
  const Section notify = root.Child("notify");
  for (const auto* descriptor : AllNotifiers()) {
    auto made = descriptor->make(notify.Child(descriptor->name, descriptor->help),
                                 NotifierContext{clock, http, setup.config.web.external_url,
                                                 setup.config.labels, setup.config.timezone});
    for (auto& notifier : made) setup.notifiers.push_back(std::move(notifier));
  }
}

// The collectors once more, from a document of their own: reading one twice would tell all twice.
std::vector<HistorySource> MakeHistory(const Config& config, Sources sources, Clock& clock,
                                       HttpClient& http) {
  std::vector<HistorySource> out;
  if (config.collect.backfill == Duration(0)) return out;
  Document document(std::move(sources));
  const Section collect = document.Root().Child("collect");
  for (const auto* descriptor : AllCollectors()) {
    auto collector = descriptor->make(collect.Child(descriptor->section, descriptor->help),
                                      ContextFor(config, *descriptor, clock, http));
    if (collector) out.push_back({descriptor->name, std::move(collector)});
  }
  return out;
}

// `file` empty: the try-out.
Result<Sources> FindSources(const std::string& file, const SetupOptions& options, HttpClient& http,
                            std::vector<SourceCheck>* checklist) {
  Sources sources;
  if (file.empty()) {
    sources = TryoutSources(options.docker, http, checklist);
  } else {
    AIOPS_TRY(sources, ReadSources(file));
  }
  sources.flags = options.flags;
  sources.flag_names = options.flag_names;
  return sources;
}

// The log that is followed unless another is named counts only where it is.
bool HasSource(const std::string& source, const Section& root,
               const std::vector<std::string>& running) {
  if (std::find(running.begin(), running.end(), source) == running.end()) return false;
  std::error_code ignored;
  return source != "nginx_log" || root.Child("collect").Child("nginx").Present() ||
         std::filesystem::exists(kUsualNginxLog, ignored);
}

}  // namespace

KnownNames NamesOfPlugins() {
  KnownNames known;
  for (const auto* descriptor : AllCollectors()) {
    known.sources.emplace_back(descriptor->name);
    known.facts.insert(known.facts.end(), descriptor->facts.begin(), descriptor->facts.end());
  }
  return known;
}

CollectorContext ContextFor(const Config& config, const CollectorDescriptor& descriptor,
                            Clock& clock, HttpClient& http) {
  CollectorContext context{clock,
                           http,
                           config.collect.interval,
                           Wanted(config, descriptor.name),
                           {},
                           config.collect.deadline};
  if (std::string_view(descriptor.name) != "prometheus") return context;
  for (const auto& rule : config.fact_rules)
    context.facts.push_back({rule.name, rule.expr, rule.severity, rule.hold});
  return context;
}

void WarnOfUnjudged(const Section& root, const Config& config,
                    const std::vector<std::string>& sources) {
  for (const Scope& scope : config.scopes) {
    std::string absent;
    size_t measured = 0;
    for (const Feature& feature : scope.features) {
      if (HasSource(feature.source, root, sources))
        ++measured;
      else
        absent += (absent.empty() ? "" : ", ") + feature.name;
    }
    const auto all = static_cast<double>(scope.features.size());
    if (static_cast<double>(measured) >= config.detect.min_coverage * all) continue;
    root.Child("scopes")
        .Child(scope.name)
        .Warn("",
              "it will never be judged: " + std::to_string(measured) + " of its " +
                  std::to_string(scope.features.size()) +
                  " features have a source, fewer than detect.min_coverage wants; configure the "
                  "source of, or switch off (features.NAME.enabled: false): " +
                  absent);
  }
}

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return Sanitize(name.data());
}

Result<Setup> MakeSetup(const SetupOptions& options, Clock& clock, HttpClient& http) {
  std::string file = options.config_file;
  if (file.empty() && std::filesystem::exists(kDefaultFile)) file = kDefaultFile;
  std::vector<SourceCheck> checklist;
  AIOPS_TRY(Sources sources, FindSources(file, options, http, &checklist));
  if (options.docker && !file.empty())
    LogWarn("--docker is for a try-out; with a configuration set collect.docker.socket",
            {{"file", file}});
  auto document = std::make_unique<Document>(sources);
  Config config = ReadConfig(*document, HostName(), NamesOfPlugins());
  Setup setup{
      std::move(document), std::move(config), file.empty(), file, std::move(checklist), {}, {}, {}};
  MakePlugins(setup, clock, http);
  std::vector<std::string> names;
  for (const auto& source : setup.collectors) names.emplace_back(source.descriptor->name);
  WarnOfUnjudged(setup.document->Root(), setup.config, names);
  setup.document->Finish();
  for (const auto& warning : setup.document->warnings()) LogWarn(ToString(warning));
  if (!setup.document->problems().empty()) {
    std::string all;
    for (const auto& problem : setup.document->problems()) all += ToString(problem) + "\n";
    all.pop_back();
    return InvalidArgument(std::move(all));
  }
  setup.history = MakeHistory(setup.config, std::move(sources), clock, http);
  return setup;
}

}  // namespace aiops
