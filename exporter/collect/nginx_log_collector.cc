#include <algorithm>
#include <memory>
#include <utility>

#include "base/log.h"
#include "collect/collector.h"
#include "collect/nginx/log_bins.h"
#include "collect/nginx/log_checkpoint.h"
#include "collect/nginx/log_evidence.h"
#include "collect/nginx/log_explanation.h"
#include "collect/nginx/log_history.h"
#include "collect/nginx/log_readings.h"
#include "collect/nginx/log_sources.h"
#include "collect/nginx/options.h"
#include "collect/nginx/site_errors.h"
#include "collect/nginx/site_table.h"

namespace aiops {
namespace {

constexpr Duration kPoll = milliseconds(250);
constexpr Duration kCollectSlice = milliseconds(200);
// What is left of the deadline for telling what was read: a tenth, at most this.
constexpr Duration kMaxMargin = milliseconds(500);
// In intervals: a longer gap or silence may be that of a machine that was off or asleep.
constexpr int kMaxSilence = 3;
constexpr std::int64_t kMaxPastReadings = 7 * 24 * 60;

class NginxLogCollector final : public Collector {
 public:
  NginxLogCollector(NginxOptions options, CollectorContext context)
      : options_(std::move(options)),
        context_(std::move(context)),
        sources_(options_, context_),
        bins_(context_.interval),
        sites_(options_.sites),
        readings_(context_.features, options_.sites.entities),
        errors_(options_.errors_only) {}

  Result<void> Restore(std::string_view checkpoint) override;
  void Advance(Time until, std::stop_token stop) override;
  Result<Collected> Collect(const Tick& tick, std::stop_token stop) override;
  Result<std::vector<PastReadings>> Backfill(Window range, std::stop_token stop) override;
  Evidence Explain(Window window) override { return ExplainRequests(evidence_, window); }

 private:
  Duration Step() const { return std::max(context_.interval, Duration(100)); }
  // Whether the clock was set back so far that the tick lies ahead again.
  bool Outran(const Tick& tick) const { return context_.clock.Now() + Step() < tick.end; }
  void NoticeSetBack(Time now, Time begin);
  bool ReadAll(Time until, const std::stop_token& stop);
  bool ReadThrough(const Tick& tick, const std::stop_token& stop);
  void OnEntry(const std::string& site, bool began_in_middle, const LogEntry& entry);
  void Count(const std::string& site, const LogEntry& entry);
  void TellPast(const Tick& tick, Collected& out);
  void Tell(const Tick& tick, Collected& out);
  std::vector<Reading> Readings(Time begin, Time end) const;
  std::string Checkpoint() const;
  void AddCounters(Collected& out) const;

  const NginxOptions options_;
  const CollectorContext context_;
  LogSources sources_;
  LogBins bins_;
  SiteTable sites_;
  LogEvidence evidence_;
  const LogReadings readings_;
  SiteErrors errors_;
  std::optional<LogHistory> history_;
  ClientHasher hash_{ClientHasher::RandomKey()};
  Time now_{};                       // of the present pass
  std::optional<Time> tail_begins_;  // the first time in a log that was begun in its middle
  bool set_back_ = false;            // the clock was, in the present interval
  bool gap_ = false;                 // something may be missing since the last tick that was told
  std::uint64_t lost_told_ = 0;      // sources_.Lost() at that tick

  std::uint32_t fields_seen_ = 0;
  std::uint64_t lines_late_ = 0;
  std::uint64_t lines_future_ = 0;
};

Result<void> NginxLogCollector::Restore(std::string_view text) {
  AIOPS_TRY(LogCheckpoint saved, ParseLogCheckpoint(text));
  LogBins bins(context_.interval);
  for (auto& [end, slot] : saved.slots) {
    if (!bins.PutSlot(end, std::move(slot)))
      return Corruption("the checkpoint holds too many slots");
  }
  bins.SetClosed(saved.closed);
  bins.SetSitesFrom(saved.sites_from);
  SiteTable sites(options_.sites);
  for (auto& [id, site] : saved.sites) {
    if (!sites.Put(id, std::move(site)))
      return Corruption("the checkpoint holds sites that cannot be");
  }
  AIOPS_TRY_VOID(sources_.Restore(saved));
  bins_ = std::move(bins);
  sites_ = std::move(sites);
  hash_ = ClientHasher(saved.key);
  fields_seen_ = saved.fields_seen;
  for (auto& [site, run] : saved.error_runs) errors_.Put(site, std::move(run));
  return {};
}

void NginxLogCollector::Count(const std::string& site, const LogEntry& entry) {
  const std::uint64_t client = entry.client.empty() ? 0 : hash_(entry.client);
  switch (bins_.Add(entry, client, now_)) {
    case Placement::kCounted:
      if (const auto id = sites_.Note(entry, site)) bins_.AddToSite(*id, entry, client);
      break;
    case Placement::kLate:
      ++lines_late_;
      break;
    case Placement::kFuture:
      ++lines_future_;
      return;
  }
  evidence_.Add(entry, now_);
  errors_.Add(entry.site.empty() ? site : entry.site, entry);
}

void NginxLogCollector::OnEntry(const std::string& site, bool began_in_middle,
                                const LogEntry& entry) {
  fields_seen_ |= entry.seen;
  if (began_in_middle && !bins_.closed() && !tail_begins_) tail_begins_ = entry.time;
  Count(site, entry);
}

Result<std::vector<PastReadings>> NginxLogCollector::Backfill(Window range, std::stop_token stop) {
  if (context_.features.empty()) return std::vector<PastReadings>();
  if (!history_) history_.emplace(options_, readings_, Step());
  return history_->Read(range, context_.clock.Now(), std::move(stop));
}

// Without this, all would have been told already until the clock is again where it was.
void NginxLogCollector::NoticeSetBack(Time now, Time begin) {
  if (!bins_.closed() || *bins_.closed() <= now + Step()) return;
  LogInfo("the clock was set back: requests are counted from here on, some of them again",
          {{"collector", "nginx_log"},
           {"counted_until", FormatTime(*bins_.closed())},
           {"counting_from", FormatTime(begin)}});
  bins_.Reopen(begin);
  tail_begins_.reset();
  set_back_ = true;
}

bool NginxLogCollector::ReadAll(Time until, const std::stop_token& stop) {
  now_ = context_.clock.Now();
  NoticeSetBack(now_, bins_.Floor(FloorTo(now_, Step())));
  return sources_.Read(now_, until, stop,
                       [this](const std::string& site, bool began_in_middle,
                              const LogEntry& entry) { OnEntry(site, began_in_middle, entry); });
}

void NginxLogCollector::Advance(Time until, std::stop_token stop) {
  while (!stop.stop_requested()) {
    ReadAll(until, stop);
    const Time now = context_.clock.Now();
    if (now >= until) return;
    if (!context_.clock.WaitUntil(std::min(until, now + kPoll), stop)) return;
  }
}

// Reads until the interval's grace has passed. False if the deadline came before the end of the
// logs.
bool NginxLogCollector::ReadThrough(const Tick& tick, const std::stop_token& stop) {
  const Duration margin = std::clamp((tick.deadline - tick.end) / 10, Duration(0), kMaxMargin);
  const Time complete = std::min(tick.end + options_.grace, tick.deadline - margin);
  while (true) {
    const Time before = context_.clock.Now();
    if (before >= complete) sources_.AskContainers();
    const bool whole = ReadAll(tick.deadline - margin / 2, stop);
    if (stop.stop_requested() || before >= complete || Outran(tick)) return whole;
    context_.clock.WaitUntil(std::min(complete, context_.clock.Now() + kCollectSlice), stop);
  }
}

Result<Collected> NginxLogCollector::Collect(const Tick& tick, std::stop_token stop) {
  sources_.LookAnew();
  NoticeSetBack(tick.end, bins_.Floor(tick.begin));
  const bool whole = ReadThrough(tick, stop);
  if (stop.stop_requested()) return Cancelled("stopped");
  if (Outran(tick)) return Unavailable("the clock was set back while the logs were being read");
  if (auto down = sources_.Down()) {
    gap_ = true;
    return *std::move(down);
  }
  Collected out;
  out.notes = sources_.Notes();
  out.partial = sources_.Failing();
  if (whole) {
    TellPast(tick, out);
    Tell(tick, out);
    out.facts = errors_.Evaluate(context_.clock.Now());
  } else {
    out.facts = errors_.Holding();
    out.partial = true;
    out.notes.push_back("still reading what the logs gained while this daemon was stopped");
  }
  AddCounters(out);
  out.checkpoint = Checkpoint();
  return out;
}

std::vector<Reading> NginxLogCollector::Readings(Time begin, Time end) const {
  return readings_.Of(bins_, sites_.sites(), fields_seen_, begin, end);
}

// The intervals between the last that was told and this tick's. Across a gap, silence means nothing
// until the first line: nobody may have been there to be asked. Across a long one (the machine was
// off or asleep, the clock jumped, or only this daemon was stopped) neither does a long silence
// between lines, for the interval in which the machine fell asleep has lines too.
void NginxLogCollector::TellPast(const Tick& tick, Collected& out) {
  const Time begin = bins_.Floor(tick.begin);
  const Duration step = Step();
  const Time oldest = begin - step * std::min<std::int64_t>(kMaxPast / step, kMaxPastReadings);
  const bool long_gap = bins_.closed() && begin - *bins_.closed() > kMaxSilence * step;
  if (!bins_.closed()) {
    // A first start: the log's history counts only if it was asked for.
    const auto first = bins_.first();
    const bool all = options_.start == StartAt::kBeginning && first && *first <= begin;
    bins_.SetClosed(all ? begin - step * ((begin - *first) / step + 1) : begin);
    gap_ = true;
  }
  gap_ = gap_ || long_gap || sources_.Lost() > lost_told_;
  lost_told_ = sources_.Lost();
  Time after = std::max(*bins_.closed(), oldest);
  bool covered = !gap_;
  int silence = 0;
  while (after < begin) {
    const Time end = begin - step * ((begin - after - Duration(1)) / step);
    silence = bins_.Counts(after, end).requests > 0 ? 0 : silence + 1;
    covered = covered || silence == 0;
    if (covered) out.past.push_back({end, Readings(after, end)});
    if (covered && long_gap && silence > kMaxSilence) {
      out.past.resize(out.past.size() - static_cast<size_t>(silence));
      covered = false;
    }
    after = end;
  }
}

void NginxLogCollector::Tell(const Tick& tick, Collected& out) {
  const Time begin = std::max(bins_.Floor(tick.begin), *bins_.closed());
  const Time end = bins_.Floor(tick.end);
  gap_ = false;
  if (end <= begin) return;  // a tick within a second, or a clock that was set back a little
  out.readings = Readings(begin, end);
  // Of the tail's first second some lines may have been cut.
  out.partial = out.partial || set_back_ || (tail_begins_ && *tail_begins_ >= begin);
  bins_.CloseThrough(end);
  sites_.ForgetQuiet(end);
  tail_begins_.reset();
  set_back_ = false;
}

std::string NginxLogCollector::Checkpoint() const {
  LogCheckpoint out;
  out.key = hash_.key();
  out.fields_seen = fields_seen_;
  out.closed = bins_.closed();
  out.sites_from = bins_.sites_from();
  out.sites = sites_.sites();
  sources_.Save(out);
  // Of the slots that were told, those whose clients the next tick's minute needs. One that comes
  // early, right after a restart, may count too few clients; all others are exact.
  const Time keep = out.closed
                        ? *out.closed + std::min(Duration(0), context_.interval - kClientWindow)
                        : FromUnixMillis(0);
  out.error_runs.assign(errors_.runs().begin(), errors_.runs().end());
  const auto& slots = bins_.slots();
  return Serialize(out, slots.upper_bound(UnixMillis(keep)), slots.end());
}

void NginxLogCollector::AddCounters(Collected& out) const {
  const auto add = [&](const char* name, std::uint64_t value) {
    out.counters[{name, ""}] = static_cast<double>(value);
  };
  sources_.AddCounters(out);
  add("lines_late", lines_late_);
  add("lines_future", lines_future_);
  add("sketches_coarsened", bins_.coarsened());
  add("bins_given_up", bins_.given_up());
  add("sites_refused", sites_.refused());
}

std::unique_ptr<Collector> Make(const Section& section, CollectorContext context) {
  NginxOptions options = ReadNginxOptions(section, context.interval, context.deadline);
  ReportUnknownFeatures(section, context.features);
  const bool any = !options.logs.empty() || !options.containers.names.empty();
  if (!any || (context.features.empty() && !section.Present())) return nullptr;
  return std::make_unique<NginxLogCollector>(std::move(options), std::move(context));
}

}  // namespace

extern const CollectorDescriptor kNginxLogCollector;
const CollectorDescriptor kNginxLogCollector{
    "nginx_log",
    "nginx",
    "Follows the access logs of Nginx.",
    {{"site_only_errors", Severity::kCritical, "A site that answers only errors (5xx)."}},
    Make};

}  // namespace aiops
