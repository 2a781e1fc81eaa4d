// What people ask, executed on the detect thread.
#include <array>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/log.h"
#include "pipeline/detect_loop.h"
#include "pipeline/run_report.h"

namespace aiops {
namespace {

using Json = nlohmann::json;
constexpr Duration kRunPause = seconds(5);
// In the order of Command::action's alternatives.
constexpr std::array kActions{"run", "train", "reload", "acknowledge"};
static_assert(kActions.size() == std::variant_size_v<decltype(Command::action)>);

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

CommandResult Refuse(int status, const std::string& why) {
  return {status, Dump({{"error", why}})};
}

}  // namespace

std::string RunJson(const RoundReport& report) {
  Json verdicts = Json::array();
  for (const Judged& j : report.judged) {
    const double score = j.score.score;
    verdicts.push_back({{"entity", j.key.entity},
                        {"scope", j.key.scope},
                        {"time", FormatTime(j.time)},
                        {"verdict", ToString(j.score.verdict)},
                        {"gate", ToString(j.score.gate)},
                        {"score", IsMissing(score) ? Json(nullptr) : Json(score)}});
  }
  return Dump({{"verdict", ToString(report.worst)}, {"judged", verdicts}});
}

void DetectLoop::TakeCommands() {
  while (auto pending = commands_.TryPop()) Execute(std::move(*pending));
}

void DetectLoop::Execute(PendingCommand pending) {
  LogInfo("command",
          {{"by", pending.command.by}, {"action", kActions.at(pending.command.action.index())}});
  const auto& action = pending.command.action;
  if (std::holds_alternative<RunCommand>(action)) {
    CommandResult refused = StartRun(pending);
    if (refused.status != 200) pending.done.set_value(std::move(refused));
    return;
  }
  CommandResult result;
  if (std::holds_alternative<TrainCommand>(action)) result = TrainNow();
  if (std::holds_alternative<ReloadCommand>(action)) result = Reload();
  if (const auto* acknowledge = std::get_if<AcknowledgeCommand>(&action))
    result = Acknowledge(*acknowledge, pending.command.by);
  Show();
  pending.done.set_value(std::move(result));
}

// Takes the promise over when the run begins; it is kept when its round has ended.
CommandResult DetectLoop::StartRun(PendingCommand& pending) {
  const Time now = clock_.Now();
  if (run_waiting_) return Refuse(409, "a run is under way; its result comes in a few seconds");
  if (now >= gathering_.tick.end)
    return Refuse(409, "a collection is under way; try again in a few seconds");
  if (last_manual_ && now - *last_manual_ < kRunPause && now >= *last_manual_)
    return Refuse(429, "one run in five seconds; try again in a few seconds");
  if (now <= gathering_.tick.begin)
    return Refuse(409, "the clock was set back; try again in a minute");
  last_manual_ = now;
  run_waiting_ = std::move(pending);
  Begin({gathering_.tick.begin, now, now + config_.collect.deadline}, true);
  return {};
}

void DetectLoop::GiveUpRun(const char* why) {
  if (!run_waiting_) return;
  run_waiting_->done.set_value(Refuse(503, std::string(why) + "; try again"));
  run_waiting_.reset();
}

CommandResult DetectLoop::TrainNow() {
  {
    std::lock_guard lock(mutex_);
    if (training_) return Refuse(409, "a training is under way; /status tells how it ends");
  }
  size_t best = 0;
  const size_t needed = static_cast<size_t>(config_.detect.forest.min_samples);
  auto sets = engine_.TrainingSets(clock_.Now(), &best);
  if (sets.empty()) {
    return {409,
            Dump({{"error", "too few samples to train: " + std::to_string(best) + " of " +
                                std::to_string(needed) + ", " +
                                std::to_string(needed - std::min(needed, best)) + " are missing"},
                  {"samples", best},
                  {"needed", needed},
                  {"missing", needed - std::min(needed, best)}})};
  }
  StartTraining(std::move(sets), "command");
  return {202, Dump({{"status", "training"}, {"message", "/status tells how it ends"}})};
}

CommandResult DetectLoop::Acknowledge(const AcknowledgeCommand& command, const std::string& by) {
  const auto anomaly = engine_.Acknowledge(command.anomaly_id, clock_.Now(), by, command.why);
  if (!anomaly) {
    return Refuse(404, "no open anomaly has the id " + std::to_string(command.anomaly_id) +
                           "; GET /anomalies lists them");
  }
  return {200, Dump({{"id", anomaly->id},
                     {"acknowledged_at", FormatTime(*anomaly->acknowledged_at)},
                     {"acknowledged_by", anomaly->acknowledged_by}})};
}

CommandResult DetectLoop::Reload() {
  if (!options_.reload) return Refuse(409, "there is no configuration file to read again");
  if (engine_.backlog() != 0)
    return Refuse(503, "data waits for the database, which a reload would lose; see /health");
  const auto done = options_.reload();
  reload_ok_ = done.has_value();
  if (!done) {
    reload_error_ = done.error().message;
    LogError("the configuration was not reloaded; the old one stays", {{"err", reload_error_}});
    return Refuse(400, reload_error_);
  }
  swap_due_ = true;
  reload_error_.clear();
  return {200, Dump({{"status", "accepted"}, {"in_force_at", FormatTime(gathering_.tick.end)}})};
}

}  // namespace aiops
