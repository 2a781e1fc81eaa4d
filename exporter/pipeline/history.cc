#include "pipeline/history.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "pipeline/history_samples.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr int kRowsASlice = 6 * 60;
constexpr Duration kSettled = seconds(5);  // what is younger may still be written
constexpr int kTries = 10;  // of a source that does not answer: it may start later than we do
constexpr Duration kPause = seconds(30);
constexpr Duration kStorePause = seconds(5);
constexpr size_t kSamplesACommit = 2000;
constexpr size_t kMaxErrorBytes = 300;

std::string Days(Duration span) {
  const auto tenths = (span + minutes(72)) / minutes(144);
  if (tenths < 10) return FormatDuration(span / minutes(1) * minutes(1));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " days";
}

}  // namespace

HistoryReader::HistoryReader(Config config, Store& store, Clock& clock,
                             std::vector<HistorySource> sources, std::function<void()> done)
    : config_(std::move(config)),
      store_(store),
      clock_(clock),
      sources_(std::move(sources)),
      done_(std::move(done)) {}

void HistoryReader::Start() {
  if (config_.collect.backfill == Duration(0) || sources_.empty()) return;
  if (auto schemas = ReadSchemaNames(store_)) schemas_ = *std::move(schemas);
  const Duration step = config_.collect.interval;
  auto plan = PlanHistory(config_, store_, schemas_, FloorTo(clock_.Now() - kSettled, step));
  if (!plan) {
    failed_ = plan.error().message;
    return;
  }
  plan_ = *std::move(plan);
  window_ = {Time::max(), Time{}};
  for (const HistoryProgress& each : plan_) {
    if (each.done) continue;
    window_ = {std::min(window_.from, each.read_to), std::max(window_.to, each.until)};
  }
  ended_ = std::all_of(plan_.begin(), plan_.end(), [](const auto& each) { return each.done; });
  if (!ended_) thread_.Start([this](std::stop_token stop) { Run(std::move(stop)); });
}

HistoryProgress* HistoryReader::Wanted(const std::string& scope) {
  const auto found = std::find_if(plan_.begin(), plan_.end(), [&](const HistoryProgress& each) {
    return each.scope == scope && !each.done;
  });
  return found == plan_.end() ? nullptr : &*found;
}

const Scope& HistoryReader::ScopeOf(const std::string& name) const {
  return *std::find_if(config_.scopes.begin(), config_.scopes.end(),
                       [&](const Scope& scope) { return scope.name == name; });
}

void HistoryReader::Run(std::stop_token stop) {
  LogInfo("reading history", {{"from", FormatTime(window_.from)}, {"to", FormatTime(window_.to)}});
  const Duration step = kRowsASlice * config_.collect.interval;
  for (Time from = window_.from; from < window_.to; from += step)
    if (!ReadSlice({from, std::min(from + step, window_.to)}, stop)) return;
  Conclude();
  size_t samples = 0;
  for (const HistoryProgress& each : plan_) samples += each.samples;
  if (samples > 0) thread_.IfAwaited(done_);
}

// What a source says of the slice; nothing once it was given up.
std::vector<PastReadings> HistoryReader::Ask(size_t source, Window slice,
                                             const std::stop_token& stop) {
  for (int tried = 1; !given_up_.contains(source) && !stop.stop_requested(); ++tried) {
    auto past = sources_[source].collector->Backfill(slice, stop);
    if (past) return *std::move(past);
    if (stop.stop_requested()) break;
    const std::string error = Sanitize(past.error().message, kMaxErrorBytes);
    if (tried < kTries) {
      clock_.WaitUntil(clock_.Now() + kPause, stop);
      continue;
    }
    LogWarn("a source does not tell its history; going on without it",
            {{"collector", sources_[source].name}, {"err", error}});
    std::lock_guard lock(mutex_);
    given_up_[source] = error;
  }
  return {};
}

std::vector<Sample> HistoryReader::Join(Window slice, const std::vector<Answer>& answers) {
  const Time after = slice.to + Duration(1);
  auto samples =
      Assemble(config_.scopes, config_.collect.entity, {slice.from, after, after}, answers).past;
  std::erase_if(samples, [&](const Sample& sample) {
    const HistoryProgress* progress = Wanted(sample.key.scope);
    return progress == nullptr || sample.time <= progress->read_to ||
           sample.time > std::min(slice.to, progress->until) ||
           FloorTo(sample.time, ScopeOf(sample.key.scope).interval) != sample.time;
  });
  FlagHistoryCoverage(samples, config_.detect.min_coverage);
  return samples;
}

// Those that the store lacks, or lacks a part of.
std::vector<Sample> HistoryReader::NewIn(Window slice, std::vector<Sample> samples,
                                         const Silences& silences) {
  std::map<EntityKey, std::map<Time, Sample>> stored;
  std::vector<Sample> out;
  for (Sample& sample : samples) {
    const auto [known, first] = stored.try_emplace(sample.key);
    if (first) {
      auto rows = store_.ReadSamples({sample.key, slice.from, slice.to, std::nullopt, 0});
      if (rows)
        for (Sample& row : *rows) known->second.emplace(row.time, std::move(row));
    }
    if (const auto same = known->second.find(sample.time); same != known->second.end()) {
      if (auto whole = Completed(same->second, sample, ScopeOf(sample.key.scope), schemas_))
        out.push_back(*std::move(whole));
      continue;
    }
    sample.flags |= silences.FlagsAt(sample.key, sample.time);
    out.push_back(std::move(sample));
  }
  return out;
}

void HistoryReader::Account(const std::vector<Sample>& samples) {
  std::set<std::pair<std::string, Time>> rows;
  std::lock_guard lock(mutex_);
  for (const Sample& sample : samples) {
    HistoryProgress& progress = *Wanted(sample.key.scope);
    ++progress.samples;
    if (rows.emplace(sample.key.scope, sample.time).second) ++progress.rows;
    for (size_t f = 0; f < sample.values.size(); ++f)
      if (!IsMissing(sample.values[f])) progress.seen[f] = true;
  }
}

bool HistoryReader::ReadSlice(Window slice, const std::stop_token& stop) {
  std::vector<Answer> answers;
  for (size_t source = 0; source < sources_.size(); ++source) {
    Answer answer{source, {}, Collected{}, {}};
    answer.result->past = Ask(source, slice, stop);
    answers.push_back(std::move(answer));
  }
  if (stop.stop_requested()) return false;
  Silences silences;
  if (auto stored = store_.ReadSilences()) silences.Restore(*std::move(stored));
  auto samples = Join(slice, answers);
  Account(samples);
  {
    std::lock_guard lock(mutex_);
    for (HistoryProgress& each : plan_) {
      if (each.done) continue;
      each.read_to = std::max(each.read_to, slice.to);
      each.done = slice.to >= window_.to && given_up_.empty();
    }
  }
  return Save(NewIn(slice, std::move(samples), silences), stop);
}

// The place that was reached comes last: before it, a part of the samples is read again.
bool HistoryReader::Save(std::vector<Sample> samples, const std::stop_token& stop) {
  for (size_t begin = 0; begin < samples.size(); begin += kSamplesACommit) {
    const size_t end = std::min(samples.size(), begin + kSamplesACommit);
    Changes changes;
    changes.samples.assign(
        std::make_move_iterator(samples.begin() + static_cast<std::ptrdiff_t>(begin)),
        std::make_move_iterator(samples.begin() + static_cast<std::ptrdiff_t>(end)));
    if (!Commit(changes, stop)) return false;
  }
  Changes progress;
  for (const HistoryProgress& each : plan_) progress.state.push_back(ToBlob(each));
  return Commit(progress, stop);
}

bool HistoryReader::Commit(const Changes& changes, const std::stop_token& stop) {
  while (true) {
    const auto done = store_.Commit(changes);
    if (done) return true;
    if (done.error().kind == ErrorKind::kInvalidArgument) {
      LogWarn("a part of the history cannot be stored; going on without it",
              {{"err", done.error().message}});
      return true;
    }
    if (!clock_.WaitUntil(clock_.Now() + kStorePause, stop)) return false;
  }
}

// Without one of the sources it is not done: the next start begins again, which changes nothing
// that is stored.
void HistoryReader::Conclude() {
  if (!given_up_.empty()) {
    Changes again;
    for (const HistoryProgress& each : plan_) {
      if (each.done) continue;
      HistoryProgress anew{each.scope, each.schema, window_.from, each.until};
      anew.seen.resize(each.seen.size());
      again.state.push_back(ToBlob(anew));
    }
    Commit(again, std::stop_token());
  }
  // Only now: whoever sees the end may read what is stored.
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  if (const auto told = check()) LogInfo("history", {{"result", told->detail}});
}

HistoryReader::Sum HistoryReader::Total() const {
  Sum sum;
  for (const HistoryProgress& each : plan_) {
    sum.samples += each.samples;
    sum.span =
        std::max(sum.span, static_cast<std::int64_t>(each.rows) * ScopeOf(each.scope).interval);
    sum.seen += static_cast<size_t>(std::count(each.seen.begin(), each.seen.end(), true));
    sum.features += each.seen.size();
  }
  return sum;
}

std::string HistoryReader::ProgressText(const Sum& sum) const {
  Time read_to = window_.to;
  for (const HistoryProgress& each : plan_)
    if (!each.done) read_to = std::min(read_to, each.read_to);
  const auto percent =
      100 * (read_to - window_.from) / std::max(window_.to - window_.from, Duration(1));
  return "reading " + Days(window_.to - window_.from) + " of history: " + std::to_string(percent) +
         " % done, " + sum.Text();
}

std::string HistoryReader::Sum::Text() const {
  return std::to_string(samples) + " samples, " + std::to_string(seen) + " of " +
         std::to_string(features) + " features";
}

std::optional<SourceCheck> HistoryReader::check() const {
  std::lock_guard lock(mutex_);
  if (!failed_.empty())
    return SourceCheck{"history", SourceState::kFails, "cannot be planned: " + failed_};
  const Sum sum = Total();
  if (!ended_ && !plan_.empty())
    return SourceCheck{"history", SourceState::kWaits, ProgressText(sum)};
  std::string detail = sum.samples == 0
                           ? "no source remembers the time before the first start"
                           : "learned from " + Days(sum.span) + " of history: " + sum.Text();
  for (const auto& [source, error] : given_up_)
    detail += "; " + sources_[source].name + " did not answer, the next start asks again: " + error;
  if (!given_up_.empty()) return SourceCheck{"history", SourceState::kFails, std::move(detail)};
  if (sum.samples > 0) return SourceCheck{"history", SourceState::kWorks, std::move(detail)};
  const bool wanted = std::any_of(plan_.begin(), plan_.end(),
                                  [](const HistoryProgress& each) { return !each.newcomers; });
  if (!wanted) return std::nullopt;
  return SourceCheck{"history", SourceState::kOff, std::move(detail)};
}

}  // namespace aiops
