#include "collect/nginx/log_sources.h"

#include <algorithm>
#include <utility>

#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr Duration kRefresh = seconds(1);
constexpr size_t kBufferBytes = 256 * 1024;

}  // namespace

LogSources::LogSources(const NginxOptions& options, const CollectorContext& context)
    : options_(options),
      context_(context),
      logs_(options.logs, options.start),
      lines_(options.lines),
      containers_(options.containers, options.start, context.interval, context.clock, context.http),
      buffer_(kBufferBytes) {}

bool LogSources::Read(Time now, Time until, const std::stop_token& stop, const OnEntry& on_entry) {
  if (!next_refresh_ || now >= *next_refresh_) {
    logs_.Refresh();
    lines_.Keep([&](const auto& path) { return logs_.followers().contains(path); });
    next_refresh_ = now + kRefresh;
  }
  bool whole = true;
  for (const auto& [_, follower] : logs_.followers())
    whole = ReadFile(*follower, now, until, stop, on_entry) && whole;
  const bool all = containers_.Poll(until, stop, [&](const std::string& name) {
    return Handlers([&on_entry, name](const LogEntry& entry) { on_entry(name, false, entry); });
  });
  return all && whole;
}

LineHandlers LogSources::Handlers(std::function<void(const LogEntry&)> entry) {
  return {std::move(entry),
          [this](const BadLine& bad) { ++faults_[static_cast<size_t>(bad.fault)]; },
          [this] { ++lines_ignored_; }};
}

bool LogSources::ReadFile(LogFollower& log, Time now, Time until, const std::stop_token& stop,
                          const OnEntry& on_entry) {
  std::string site;  // made when there is a line: most passes find none
  LineReader& reader = lines_.Of(log.path());
  const LineHandlers handlers = Handlers([&](const LogEntry& entry) {
    if (site.empty()) site = logs_.SiteOf(log.path());
    on_entry(site, log.began_in_middle(), entry);
  });
  ReadPass pass;
  pass.buffer = buffer_;
  pass.sink = [&](std::string_view line, LineFault fault) {
    ++lines_read_;
    reader.OnLine(line, fault, handlers);
  };
  pass.go_on = [&] { return !stop.stop_requested() && context_.clock.Now() < until; };
  const bool whole = log.Poll(now, pass);
  reader.Flush(handlers);
  lines_.Tell(log.path());
  return whole;
}

std::optional<Error> LogSources::Down() const {
  if (!containers_.wanted()) return logs_.Down();
  auto containers = containers_.Down();
  if (!containers || options_.logs.empty()) return containers;
  auto files = logs_.Down();
  if (files) files->message += "; " + containers->message;
  return files;
}

std::vector<std::string> LogSources::Notes() const {
  auto out = logs_.Degraded();
  if (containers_.wanted() && !options_.logs.empty() && out.empty()) {
    if (const auto down = logs_.Down()) out.push_back(down->message);
  }
  for (auto& note : lines_.Notes()) out.push_back(std::move(note));
  for (auto& note : containers_.Notes()) out.push_back(std::move(note));
  return out;
}

std::uint64_t LogSources::Lost() const {
  return logs_.Totals().files_lost + containers_.counters().logs_lost;
}

void LogSources::AddCounters(Collected& out) const {
  const auto add = [&](const char* name, std::string label, std::uint64_t value) {
    out.counters[{name, std::move(label)}] = static_cast<double>(value);
  };
  const FollowerCounters files = logs_.Totals();
  const ContainerCounters& containers = containers_.counters();
  add("lines_read", "", lines_read_ + containers.lines_read);
  for (int i = 1; i < kLineFaultCount; ++i) {
    add("lines_malformed", std::string(ToString(static_cast<LineFault>(i))),
        faults_[static_cast<size_t>(i)]);
  }
  add("lines_ignored", "stderr", lines_ignored_);
  add("rotations", "", files.rotations);
  add("truncations", "", files.truncations);
  add("files_lost", "", files.files_lost);
  add("bytes_read", "", files.bytes_read + containers.bytes_read);
  if (!containers_.wanted()) return;
  add("container_logs_lost", "", containers.logs_lost);
  add("container_reads_failed", "", containers.reads_failed);
}

void LogSources::Save(LogCheckpoint& out) const {
  for (const auto& [path, follower] : logs_.followers()) out.logs[path] = follower->State();
  out.readers = lines_.State();
  out.containers = containers_.State();
}

Result<void> LogSources::Restore(LogCheckpoint& saved) {
  LogLines lines(options_.lines);
  AIOPS_TRY_VOID(lines.Restore(saved.readers));
  AIOPS_TRY_VOID(containers_.Restore(std::move(saved.containers)));
  lines_ = std::move(lines);
  logs_.Resume(saved.logs);
  return {};
}

}  // namespace aiops
