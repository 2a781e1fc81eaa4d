#include "collect/nginx/log_history.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "collect/nginx/log_series.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;
// Requests are logged when they end: a line may come so long after one that is newer.
constexpr Duration kDisorder = minutes(1);

void Skip(const std::string& path, const std::string& why) {
  LogWarn("a log's history is read without this file",
          {{"collector", "nginx_log"}, {"log", Sanitize(path)}, {"why", why}});
}

}  // namespace

void LogHistory::Begin(Time from, Time now) {
  lines_ = LogLines(options_.lines);
  bins_.emplace(step_, BinBounds{.past = now - from + step_});
  bins_->SetClosed(from);
  sites_.emplace(options_.sites);
  buffer_.resize(kBufferBytes);
  logs_.clear();
  first_.reset();
  LogSet set(options_.logs, StartAt::kBeginning);
  set.Refresh();
  for (const auto& [path, _] : set.followers()) {
    Log log{path, set.SiteOf(path), {}, {}, {}};
    for (Sibling& file : ListSeries(path)) {
      // From its beginning the follower reads the log itself.
      if (file.path == path && options_.start == StartAt::kBeginning) continue;
      if (file.modified_ns / 1'000'000 >= UnixMillis(from)) log.files.push_back(std::move(file));
    }
    logs_.push_back(std::move(log));
  }
}

void LogHistory::OpenNext(Log& log) {
  const Sibling next = std::move(log.files.front());
  log.files.pop_front();
  auto file = OpenListed(next);
  // It was rotated meanwhile: under another name it is the same.
  if (!file && file.error().kind == ErrorKind::kNotFound) {
    for (const Sibling& each : ListSeries(log.path))
      if (each.device == next.device && each.inode == next.inode) file = OpenListed(each);
  }
  if (file) {
    log.open = *std::move(file);
  } else {
    Skip(next.path, file.error().message);
  }
}

void LogHistory::Count(Log& log, const LogEntry& entry, Time now) {
  fields_seen_ |= entry.seen;
  log.newest = std::max(log.newest, std::min(entry.time, now));
  const std::uint64_t client = entry.client.empty() ? 0 : hash_(entry.client);
  if (bins_->Add(entry, client, now) != Placement::kCounted) return;
  first_ = std::min(first_.value_or(entry.time), entry.time);
  if (const auto id = sites_->Note(entry, log.site)) bins_->AddToSite(*id, entry, client);
}

// Up to the first line that is certainly later. False after a stop.
bool LogHistory::ReadLog(Log& log, Time until, Time now, const std::stop_token& stop) {
  LineReader& reader = lines_.Of(log.path);
  const LineHandlers handlers{[&](const LogEntry& entry) { Count(log, entry, now); },
                              [](const BadLine&) {}, [] {}};
  ReadPass pass;
  pass.buffer = buffer_;
  pass.sink = [&](std::string_view line, LineFault fault) { reader.OnLine(line, fault, handlers); };
  pass.go_on = [&] { return !stop.stop_requested() && log.newest < until; };
  while (log.newest < until && (log.open || !log.files.empty())) {
    if (stop.stop_requested()) return false;
    if (!log.open) OpenNext(log);
    if (!log.open) continue;
    const ReadOutcome outcome = log.open->Read(pass);
    if (outcome == ReadOutcome::kInterrupted) continue;
    // What is being written still has its last line cut.
    if (outcome == ReadOutcome::kEnd && !log.files.empty()) log.open->splitter().Finish(pass.sink);
    if (outcome != ReadOutcome::kEnd) Skip(log.path, "it was changed while it was being read");
    reader.Flush(handlers);
    log.open.reset();
  }
  return !stop.stop_requested();
}

Result<std::vector<PastReadings>> LogHistory::Read(Window range, Time now, std::stop_token stop) {
  if (!bins_ || range.from < *bins_->closed()) Begin(range.from, now);
  for (Log& log : logs_)
    if (!ReadLog(log, range.to + kDisorder, now, stop)) return Cancelled("stopped");
  Time newest{};
  for (const Log& log : logs_) newest = std::max(newest, log.newest);
  std::vector<PastReadings> out;
  for (Time begin = range.from; begin + step_ <= range.to; begin += step_) {
    if (!first_ || begin < *first_) continue;
    const Time end = begin + step_;
    if (options_.start == StartAt::kBeginning && end > newest) break;
    out.push_back({end, readings_.Of(*bins_, sites_->sites(), fields_seen_, begin, end)});
  }
  bins_->CloseThrough(range.to);
  sites_->ForgetQuiet(range.to);
  return out;
}

}  // namespace aiops
