#include "collect/docker/container_watch.h"

#include <algorithm>

#include "text/sanitize.h"

namespace aiops::docker {
namespace {

constexpr size_t kMaxChanges = 200;
constexpr size_t kMaxEvidence = 20;
constexpr size_t kMaxSummaryBytes = 300;
constexpr Duration kOomShownFor = hours(1);

Fact MakeFact(const char* name, Severity severity, const Container& container, const Memory& memory,
              std::string what) {
  Fact fact;
  fact.name = name;
  fact.severity = severity;
  fact.object = container.name;
  fact.summary = Sanitize(container.name + " " + what, kMaxSummaryBytes);
  fact.details = {{"image", container.image}, {"status", container.status}};
  if (!memory.inspection) return fact;
  const auto& seen = *memory.inspection;
  if (container.state != "running")
    fact.details.emplace_back("exit_code", std::to_string(seen.exit_code));
  fact.details.emplace_back("oom_killed", seen.oom_killed ? "true" : "false");
  fact.details.emplace_back("restart_count", std::to_string(seen.restart_count));
  if (!seen.error.empty()) fact.details.emplace_back("error", seen.error);
  if (!seen.health_output.empty()) fact.details.emplace_back("health_output", seen.health_output);
  return fact;
}

std::string DownText(const Container& container, const Memory& memory) {
  if (container.state == "dead" || !memory.inspection)
    return "is dead: the engine could not remove it";
  const auto& seen = *memory.inspection;
  auto text = DescribeExit(seen) + " and was not started again";
  return seen.error.empty() ? text : text + ": " + seen.error;
}

std::string UnhealthyText(const Memory& memory) {
  const bool told = memory.inspection && !memory.inspection->health_output.empty();
  return told ? "is unhealthy: " + memory.inspection->health_output : "is unhealthy";
}

bool IsStopSignal(int signal) {
  // SIGTERM, and the STOPSIGNALs that images use: SIGINT, SIGQUIT (nginx), SIGRTMIN+3 (systemd).
  return signal == 15 || signal == 2 || signal == 3 || signal == 37;
}

void Apply(const Event& event, Memory& memory) {
  switch (event.kind) {
    case Event::Kind::kStart:
      memory.stopped_on_purpose = memory.died_unasked = false;
      return;
    case Event::Kind::kStop:
      memory.stopped_on_purpose = true;
      return;
    case Event::Kind::kKill:
      if (IsStopSignal(event.signal)) memory.stopped_on_purpose = true;
      return;
    case Event::Kind::kDie:
      if (!memory.stopped_on_purpose) memory.died_unasked = true;
      return;
    case Event::Kind::kOom:
      memory.oom_at = event.time;
      return;
  }
}

}  // namespace

void ContainerWatch::Begin(std::vector<Container> containers, Time now) {
  now_ = now;
  ++tick_;
  containers_ = std::move(containers);
  std::map<std::string, Memory> kept;
  for (const auto& container : containers_) {
    auto& memory = kept[container.id];
    if (const auto known = memories_.find(container.id); known != memories_.end())
      memory = std::move(known->second);
    NoteChange(container, memory);
    memory.state = container.state;
  }
  memories_ = std::move(kept);
}

void ContainerWatch::NoteChange(const Container& container, const Memory& memory) {
  if (memory.state == container.state || memory.state.empty()) return;
  changes_.push_back({now_, container.name + " went from " + memory.state + " to " +
                                container.state + " (" + container.status + ")"});
  if (changes_.size() > kMaxChanges) changes_.pop_front();
}

void ContainerWatch::ApplyEvents(const std::vector<Event>& events) {
  for (const auto& event : events)
    if (const auto memory = memories_.find(event.id); memory != memories_.end())
      Apply(event, memory->second);
}

std::vector<std::string> ContainerWatch::ToInspect(size_t limit, bool is_podman) {
  std::vector<std::pair<std::int64_t, std::string>> wanting;
  for (const auto& container : containers_) {
    auto& memory = memories_[container.id];
    if (NeedsInspection(container, options_.restart_loop_window, is_podman))
      wanting.emplace_back(memory.inspected_at_tick, container.id);
    else
      memory.inspection.reset();
  }
  std::sort(wanting.begin(), wanting.end());
  never_inspected_ = 0;
  std::vector<std::string> ids;
  for (auto& [tick, id] : wanting) {
    if (ids.size() < limit)
      ids.push_back(std::move(id));
    else if (tick < 0)
      ++never_inspected_;
  }
  return ids;
}

void ContainerWatch::Inspected(const std::string& id, Inspection inspection) {
  const auto found = memories_.find(id);
  if (found == memories_.end()) return;
  auto& memory = found->second;
  CountRestarts(inspection, memory);
  NoteOom(inspection, memory);
  memory.inspected_at_tick = tick_;
  memory.inspection = std::move(inspection);
}

void ContainerWatch::CountRestarts(const Inspection& inspection, Memory& memory) const {
  const auto count = inspection.restart_count;
  std::int64_t added = 0;
  if (!memory.restart_count) {
    // At first sight only what is certain: many, if it is at it now; one, if it ended just now.
    const bool recent =
        inspection.finished_at && *inspection.finished_at > now_ - options_.restart_loop_window;
    if (recent && count > 0)
      added = inspection.state == "restarting" ? std::min(count, options_.restart_loop_count) : 1;
  } else if (count < *memory.restart_count) {
    memory.restarts.clear();  // started by hand: the engine counts anew
  } else {
    added = count - *memory.restart_count;
  }
  memory.restart_count = count;
  if (added > 0) memory.restarts.emplace_back(now_, added);
  while (!memory.restarts.empty() &&
         memory.restarts.front().first <= now_ - options_.restart_loop_window)
    memory.restarts.pop_front();
}

void ContainerWatch::NoteOom(const Inspection& inspection, Memory& memory) const {
  if (!inspection.oom_killed) return;
  if (inspection.state != "running" && inspection.finished_at)
    memory.oom_at = std::min(*inspection.finished_at, now_);
  else if (!memory.oom_at)
    memory.oom_at = now_;
}

std::vector<Fact> ContainerWatch::Judge() {
  std::vector<Fact> facts;
  for (const auto& container : containers_) JudgeOne(container, memories_[container.id], facts);
  return facts;
}

bool ContainerWatch::IsLooping(const Container& container, const Memory& memory) const {
  if (container.state != "running" && container.state != "restarting") return false;
  return RestartsSince(memory, now_ - options_.restart_loop_window) >= options_.restart_loop_count;
}

void ContainerWatch::JudgeOne(const Container& container, Memory& memory,
                              std::vector<Fact>& facts) const {
  const auto report = [&](bool holds, const char* name, Severity severity, Time began,
                          const auto& what) {
    if (!holds) {
      memory.since.erase(name);
      return;
    }
    const auto since = memory.since.emplace(name, std::min(began, now_)).first->second;
    facts.push_back(MakeFact(name, severity, container, memory, what()));
    facts.back().since = since;
  };
  const auto ended = memory.inspection ? memory.inspection->finished_at.value_or(now_) : now_;
  report(IsDown(container, memory), "container_down", Severity::kCritical, ended,
         [&] { return DownText(container, memory); });
  report(IsUnhealthy(container, memory), "container_unhealthy", Severity::kWarning, now_,
         [&] { return UnhealthyText(memory); });
  report(IsLooping(container, memory), "container_restart_loop", Severity::kCritical, now_, [&] {
    const auto restarts = RestartsSince(memory, now_ - options_.restart_loop_window);
    return "restarts in a loop: " + std::to_string(restarts) + " restarts within " +
           FormatDuration(options_.restart_loop_window);
  });
  report(memory.oom_at && now_ - *memory.oom_at < kOomShownFor, "container_oom_killed",
         Severity::kWarning, memory.oom_at.value_or(now_),
         [] { return std::string("was killed for lack of memory"); });
}

int ContainerWatch::unhealthy_count() const {
  return static_cast<int>(std::count_if(
      containers_.begin(), containers_.end(),
      [this](const Container& container) { return IsBad(container, memories_.at(container.id)); }));
}

int ContainerWatch::running_count() const {
  return static_cast<int>(
      std::count_if(containers_.begin(), containers_.end(),
                    [](const Container& container) { return container.state == "running"; }));
}

Evidence ContainerWatch::Explain(Window window) const {
  Evidence evidence;
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    if (change->time < window.from || change->time > window.to) continue;
    if (evidence.size() >= kMaxEvidence) break;
    evidence.push_back({"E" + std::to_string(evidence.size() + 1), "docker", change->time,
                        Sanitize(change->text, kMaxSummaryBytes)});
  }
  return evidence;
}

}  // namespace aiops::docker
