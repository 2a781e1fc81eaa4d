#include "collect/nginx/container_logs.h"

#include <algorithm>
#include <utility>

#include "collect/glob.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr const char* kEngineKey = "collect.nginx.engine.socket";
constexpr Duration kPoll = seconds(2);
constexpr Duration kList = seconds(10);
constexpr Duration kPatience = seconds(2);
constexpr Duration kMostPatience = seconds(8);  // an engine may have to read a long log first
constexpr int kTimeoutsOfAHang = 3;             // in a row
constexpr Duration kPause = seconds(10);
constexpr Duration kLongestPause = minutes(1);
constexpr Duration kNewNormal = minutes(10);  // after so long a failure is none any more
constexpr Duration kForgotten = hours(24);
constexpr Duration kClockSkew = minutes(1);
constexpr size_t kMaxListed = 2000;
constexpr size_t kMaxContainers = 64;
constexpr size_t kMaxNamesTold = 8;

bool IsPattern(const std::string& name) { return name.find_first_of("*?[") != std::string::npos; }

std::string Told(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), kMaxNamesTold); ++i)
    out += (i > 0 ? ", " : "") + names[i];
  if (names.size() > kMaxNamesTold) out += ", ...";
  return out.empty() ? "none" : Sanitize(out, 512);
}

Error Unreadable(const std::string& name, const Error& error) {
  const bool driver = error.message.find("logging driver") != std::string::npos;
  return {error.kind,
          Sanitize("the log of the container " + name + " cannot be read: " + error.message +
                       (driver ? ": give it a logging driver that its engine can read "
                                 "back (json-file, local or journald)"
                               : ""),
                   600)};
}

}  // namespace

ContainerLogs::ContainerLogs(ContainerOptions options, StartAt start, Duration interval,
                             Clock& clock, HttpClient& http)
    : options_(std::move(options)),
      start_(start),
      first_window_(interval + kClockSkew),
      clock_(clock),
      engine_(options_.engine, http, clock, kEngineKey),
      lines_(options_.lines),
      patience_(kPatience) {}

void ContainerLogs::Hurry() {
  next_list_.reset();
  if (pause_ == Duration{}) next_poll_.reset();
}

bool ContainerLogs::Due(Time now) const {
  // A clock that was set back makes no long pause.
  return !next_poll_ || now >= *next_poll_ || *next_poll_ - now > kLongestPause;
}

bool ContainerLogs::Poll(Time until, const std::stop_token& stop, const HandlersOf& handlers) {
  const Time now = clock_.Now();
  if (!wanted() || !Due(now)) return whole_;
  const ContainerPass pass{engine_, clock_, until, patience_, stop, counters_};
  auto outcome = [&]() -> Result<bool> {
    AIOPS_TRY_VOID(List(pass));
    return ReadAll(pass, handlers);
  }();
  if (stop.stop_requested()) return false;
  TakeOutcome(std::move(outcome), until - now >= kPatience);
  return whole_;
}

// `had_time`: the pass was not begun so shortly before its end that no engine could have answered.
void ContainerLogs::TakeOutcome(Result<bool> outcome, bool had_time) {
  const bool timed_out = !outcome && outcome.error().kind == ErrorKind::kTimeout;
  timeouts_ = timed_out ? timeouts_ + 1 : 0;
  const bool hung = timeouts_ >= kTimeoutsOfAHang;
  if (timed_out && !had_time && !hung) outcome = false;
  patience_ = timed_out ? std::min(2 * patience_, kMostPatience) : kPatience;
  pause_ = hung ? std::clamp(2 * pause_, kPause, kLongestPause) : Duration{};
  whole_ = outcome.value_or(true);
  engine_error_ = outcome ? std::nullopt : std::optional(outcome.error());
  if (engine_error_) {
    ++counters_.reads_failed;
    next_list_.reset();
  }
  const Time now = clock_.Now();
  next_poll_ = whole_ ? now + std::max(pause_, kPoll) : now;
  const bool failing =
      engine_error_ || std::any_of(present_.begin(), present_.end(),
                                   [](const auto& each) { return each.second.error.has_value(); });
  if (!failing) failing_since_.reset();
  if (failing && !failing_since_) failing_since_ = now;
}

Result<void> ContainerLogs::List(const ContainerPass& pass) {
  const Time now = clock_.Now();
  if (next_list_ && now < *next_list_ && *next_list_ - now <= kList) return {};
  AIOPS_TRY(auto list,
            engine_.List(kMaxListed, std::min(pass.until, now + pass.patience), pass.stop));
  TakeList(std::move(list.containers), now);
  next_list_ = now + kList;
  return {};
}

void ContainerLogs::TakeList(std::vector<docker::Container> containers, Time now) {
  names_.clear();
  left_out_ = 0;
  std::map<std::string, Present> before = std::exchange(present_, {});
  for (const auto& container : containers) {
    names_.push_back(container.name);
    if (!MatchesAnyGlob(options_.names, container.name)) continue;
    if (present_.size() >= kMaxContainers) {
      ++left_out_;
      continue;
    }
    auto known = before.extract(container.id);
    if (known) present_.insert(std::move(known));
    Meet(container, now);
  }
  std::sort(names_.begin(), names_.end());
  ForgetVanished(now);
  lines_.Keep([&](const auto& name) {
    return std::any_of(places_.begin(), places_.end(),
                       [&](const auto& each) { return each.second.name == name; });
  });
  listed_ = now;
}

void ContainerLogs::Meet(const docker::Container& container, Time now) {
  auto [place, is_new] = places_.try_emplace(container.id);
  const bool never_asked = !listed_;
  if (is_new && !(never_asked && start_ == StartAt::kBeginning)) {
    const Time from = std::min(now - first_window_, listed_.value_or(now) - kClockSkew);
    place->second.mark.time_ns = std::max<std::int64_t>(UnixMillis(from), 0) * 1'000'000;
  }
  place->second.name = container.name;
  place->second.seen = now;
  const size_t tail = never_asked && start_ == StartAt::kTail ? ContainerLog::kMaxTail : 0;
  const auto present =
      present_.try_emplace(container.id, Present{ContainerLog(container.id, tail), {}});
  present.first->second.log.SetRunning(container.state == "running");
}

void ContainerLogs::ForgetVanished(Time now) {
  std::erase_if(places_, [&](const auto& each) { return each.second.seen < now - kForgotten; });
  while (places_.size() > kMaxContainerPlaces) {
    places_.erase(std::min_element(
        places_.begin(), places_.end(),
        [](const auto& a, const auto& b) { return a.second.seen < b.second.seen; }));
  }
}

// The error is the engine's; what is wrong with one container alone stays with it.
Result<bool> ContainerLogs::ReadAll(const ContainerPass& pass, const HandlersOf& handlers) {
  bool whole = true;
  for (auto& [id, container] : present_) {
    if (container.log.settled() && !container.error) continue;
    auto read = ReadOne(container, pass, handlers);
    container.error.reset();
    if (read) {
      whole = *read && whole;
    } else if (read.error().kind == ErrorKind::kTimeout || pass.stop.stop_requested()) {
      return std::move(read).error();
    } else if (read.error().kind == ErrorKind::kNotFound) {
      next_list_.reset();
    } else {
      ++counters_.reads_failed;
      container.error = std::move(read).error();
    }
  }
  return whole;
}

Result<bool> ContainerLogs::ReadOne(Present& container, const ContainerPass& pass,
                                    const HandlersOf& handlers) {
  ContainerPlace& place = places_.at(container.log.id());
  LineReader& reader = lines_.Of(place.name);
  const LineHandlers taken = handlers(place.name);
  auto read = container.log.Read(
      place, pass, [&](const StampedLine& line) { reader.OnLine(line.text, line.fault, taken); });
  reader.Flush(taken);
  lines_.Tell(place.name);
  return read;
}

std::vector<std::string> ContainerLogs::Missing() const {
  std::vector<std::string> out;
  for (const auto& wanted : options_.names) {
    const bool there = std::any_of(names_.begin(), names_.end(), [&](const auto& name) {
      return MatchesAnyGlob({wanted}, name);
    });
    if (there) continue;
    out.push_back((IsPattern(wanted) ? "no container's name matches " : "there is no container ") +
                  Sanitize(wanted, 128) +
                  ": start it, or name another in collect.nginx.containers (there are: " +
                  Told(names_) + ")");
  }
  return out;
}

std::optional<Error> ContainerLogs::Down() const {
  if (engine_error_) return Error{engine_error_->kind, Sanitize(engine_error_->message, 512)};
  std::optional<Error> first;
  for (const auto& [id, container] : present_) {
    if (!container.error) return std::nullopt;
    if (!first) first = Unreadable(places_.at(id).name, *container.error);
  }
  if (first) return first;
  const Time now = clock_.Now();
  if (std::any_of(places_.begin(), places_.end(),
                  [&](const auto& each) { return each.second.seen > now - kNewNormal; }))
    return std::nullopt;
  const auto missing = Missing();
  return NotFound(missing.empty() ? "no container could be asked for yet" : missing.front());
}

std::vector<std::string> ContainerLogs::Notes() const {
  if (!wanted()) return {};
  std::vector<std::string> out;
  if (engine_error_)
    out.push_back("containers cannot be read: " + Sanitize(engine_error_->message, 512));
  for (const auto& [id, container] : present_) {
    if (container.error) out.push_back(Unreadable(places_.at(id).name, *container.error).message);
  }
  if (listed_ && !engine_error_) {
    for (auto& note : Missing()) out.push_back(std::move(note));
  }
  if (left_out_ > 0)
    out.push_back(std::to_string(left_out_) + " containers are left out: at most " +
                  std::to_string(kMaxContainers) + " are read");
  for (auto& note : lines_.Notes()) out.push_back(std::move(note));
  return out;
}

bool ContainerLogs::Failing() const {
  return failing_since_ && clock_.Now() - *failing_since_ < kNewNormal &&
         std::any_of(places_.begin(), places_.end(),
                     [](const auto& each) { return each.second.mark.count > 0; });
}

ContainerCheckpoint ContainerLogs::State() const { return {listed_, places_, lines_.State()}; }

Result<void> ContainerLogs::Restore(ContainerCheckpoint saved) {
  LogLines lines(options_.lines);
  AIOPS_TRY_VOID(lines.Restore(saved.readers));
  lines_ = std::move(lines);
  listed_ = saved.listed;
  places_ = std::move(saved.places);
  return {};
}

}  // namespace aiops
