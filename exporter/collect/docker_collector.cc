// Docker and Podman: which containers are down, unhealthy, restarting in a loop or short of memory.
// docs/collectors/docker.md says what counts as what.
#include <algorithm>
#include <array>

#include "collect/collector.h"
#include "collect/docker/container_watch.h"
#include "collect/docker/endpoint.h"
#include "collect/docker/engine.h"
#include "collect/glob.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMaxInspectionsPerTick = 50;
constexpr Duration kEventsAtFirst = hours(1);
constexpr Duration kEventsTimeout = seconds(2);
// Clocks of two machines differ, and what happened twice is remembered once.
constexpr Duration kEventsOverlap = seconds(30);

struct DockerOptions {
  HttpEndpoint endpoint;
  size_t max_containers = 2000;
  std::vector<std::string> ignore;
  docker::WatchOptions watch;
};

// Nothing if no socket is configured.
std::optional<DockerOptions> ReadOptions(const Section& section) {
  DockerOptions options;
  auto endpoint = docker::ReadEndpoint(section, "");
  options.max_containers = static_cast<size_t>(section.Int(
      "max_containers", 2000,
      {.help = "Containers beyond this number are left out.", .min = "1", .max = "100000"}));
  options.ignore = section.Strings(
      "ignore", {}, {.help = "Names of containers that are left out, by shell pattern."});
  const auto loop = section.Child("restart_loop", "The fact container_restart_loop.");
  options.watch.restart_loop_count =
      loop.Int("count", 3, {.help = "So many restarts ...", .min = "1", .max = "1000"});
  options.watch.restart_loop_window = loop.Duration(
      "window", minutes(10), {.help = "... within this time.", .min = "1m", .max = "1d"});
  if (!endpoint) return std::nullopt;
  options.endpoint = *std::move(endpoint);
  return options;
}

class DockerCollector final : public Collector {
 public:
  DockerCollector(DockerOptions options, CollectorContext context)
      : options_(std::move(options)),
        context_(std::move(context)),
        engine_(options_.endpoint, context_.http, context_.clock),
        watch_(options_.watch) {}

  Result<void> Restore(std::string_view checkpoint) override { return watch_.Restore(checkpoint); }
  Result<Collected> Collect(const Tick& tick, std::stop_token stop) override;
  Evidence Explain(Window window) override { return watch_.Explain(window); }

 private:
  void AskEvents(const Tick& tick, std::stop_token stop, Collected& out);
  void InspectSome(const Tick& tick, std::stop_token stop, Collected& out);
  void AddReadings(Collected& out) const;

  const DockerOptions options_;
  const CollectorContext context_;
  docker::Engine engine_;
  docker::ContainerWatch watch_;
  double malformed_ = 0;
  double inspections_failed_ = 0;
};

Result<Collected> DockerCollector::Collect(const Tick& tick, std::stop_token stop) {
  AIOPS_TRY(auto list, engine_.List(options_.max_containers, tick.deadline, stop));
  Collected out;
  malformed_ += static_cast<double>(list.malformed);
  if (list.left_out > 0)
    out.notes.push_back(std::to_string(list.left_out) +
                        " containers are left out: raise collect.docker.max_containers");
  std::erase_if(list.containers, [this](const docker::Container& container) {
    return MatchesAnyGlob(options_.ignore, container.name);
  });
  watch_.Begin(std::move(list.containers), tick.end);
  AskEvents(tick, stop, out);
  InspectSome(tick, stop, out);
  if (stop.stop_requested()) return Cancelled("stopped");
  out.facts = watch_.Judge();
  AddReadings(out);
  out.checkpoint = watch_.Snapshot();
  out.counters[{"containers_malformed", ""}] = malformed_;
  out.counters[{"inspections_failed", ""}] = inspections_failed_;
  return out;
}

void DockerCollector::AskEvents(const Tick& tick, std::stop_token stop, Collected& out) {
  const auto now = context_.clock.Now();
  const auto earliest = now - kEventsAtFirst;
  const auto since = std::max(earliest, watch_.events_until.value_or(earliest) - kEventsOverlap);
  const auto events =
      engine_.Events(since, now, std::min(tick.deadline, now + kEventsTimeout), stop);
  if (events) {
    watch_.ApplyEvents(*events);
    watch_.events_until = now;
    return;
  }
  if (events.error().kind == ErrorKind::kCancelled) return;
  out.notes.push_back(
      "the engine's events cannot be read, so that a container stopped by hand may count as down "
      "(a socket proxy needs EVENTS=1): " +
      Sanitize(events.error().message));
}

void DockerCollector::InspectSome(const Tick& tick, std::stop_token stop, Collected& out) {
  const auto ids = watch_.ToInspect(kMaxInspectionsPerTick, engine_.is_podman());
  if (watch_.never_inspected() > 0)
    out.notes.push_back(std::to_string(watch_.never_inspected()) +
                        " containers wait to be looked at: at most " +
                        std::to_string(kMaxInspectionsPerTick) + " a tick");
  if (ids.empty()) return;
  auto inspections = engine_.Inspect(ids, tick.deadline, stop);
  const Error* failure = nullptr;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (inspections[i]) {
      watch_.Inspected(ids[i], *std::move(inspections[i]));
    } else if (inspections[i].error().kind != ErrorKind::kNotFound) {  // removed in between
      ++inspections_failed_;
      failure = &inspections[i].error();
    }
  }
  if (failure && failure->kind != ErrorKind::kCancelled)
    out.notes.push_back("containers cannot be inspected: " + Sanitize(failure->message));
}

void DockerCollector::AddReadings(Collected& out) const {
  for (const auto& feature : context_.features) {
    if (feature.expr == "container_count_unhealthy")
      out.readings.push_back({feature.ref, {}, static_cast<double>(watch_.unhealthy_count())});
    if (feature.expr == "containers_running")
      out.readings.push_back({feature.ref, {}, static_cast<double>(watch_.running_count())});
  }
}

std::unique_ptr<Collector> Make(const Section& section, CollectorContext context) {
  auto options = ReadOptions(section);
  for (const auto& feature : context.features) {
    if (feature.expr != "container_count_unhealthy" && feature.expr != "containers_running")
      section.Report("", "docker has no feature '" + Sanitize(feature.expr) +
                             "', only container_count_unhealthy and containers_running");
  }
  if (!options) return nullptr;
  return std::make_unique<DockerCollector>(*std::move(options), std::move(context));
}

}  // namespace

extern const CollectorDescriptor kDockerCollector;
const CollectorDescriptor kDockerCollector{
    .name = "docker",
    .section = "docker",
    .help = "Containers of Docker or Podman: down, unhealthy, restarting in a loop, out of memory.",
    .facts = {{"container_down", Severity::kCritical,
               "A container ended with an error though its restart policy wants it up."},
              {"container_unhealthy", Severity::kWarning, "A container's health check fails."},
              {"container_restart_loop", Severity::kCritical,
               "A container is restarted again and again."},
              {"container_oom_killed", Severity::kWarning,
               "A container was killed for lack of memory within the last hour."}},
    .make = Make,
};

}  // namespace aiops
