// What people ask, executed on the detect thread.
#include <nlohmann/json.hpp>
#include <variant>

#include "base/log.h"
#include "pipeline/audit.h"
#include "pipeline/detect_loop.h"
#include "pipeline/model_json.h"
#include "pipeline/outbox_json.h"
#include "pipeline/run_report.h"
#include "pipeline/silence_json.h"

namespace aiops {
namespace {

using Json = nlohmann::json;
constexpr Duration kRunPause = seconds(5);
constexpr char kUnstored[] =
    "it is in force, but the database does not take it yet: a daemon that is killed before then "
    "forgets it; /health tells why";

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

CommandResult Refuse(int status, const std::string& why) {
  return {status, Dump({{"error", why}}), why};
}

// Of what was asked for: not there, impossible, or the database does not answer.
CommandResult Refuse(const Error& error) {
  const int status = error.kind == ErrorKind::kNotFound          ? 404
                     : error.kind == ErrorKind::kInvalidArgument ? 409
                                                                 : 503;
  return Refuse(status, error.message);
}

CommandResult NoAnomaly(std::int64_t id) {
  return Refuse(404, "there is no anomaly " + std::to_string(id) + "; GET /anomalies lists them");
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
  LogInfo("command", {{"by", pending.command.by}, {"action", ActionName(pending.command)}});
  const auto& action = pending.command.action;
  CommandResult result;
  Changes changes;
  if (std::holds_alternative<RunCommand>(action)) {
    result = StartRun(pending);
    if (result.status == 200) return;
  }
  if (std::holds_alternative<TrainCommand>(action)) result = TrainNow();
  if (std::holds_alternative<ReloadCommand>(action)) result = Reload();
  if (const auto* acknowledge = std::get_if<AcknowledgeCommand>(&action))
    result = Acknowledge(*acknowledge, pending.command.by, changes);
  if (const auto* mark = std::get_if<MarkCommand>(&action))
    result = MarkAnomaly(*mark, pending.command.by, changes);
  if (const auto* silence = std::get_if<SilenceCommand>(&action))
    result = AddSilence(*silence, pending.command.by, changes);
  if (const auto* end = std::get_if<EndSilenceCommand>(&action)) result = EndSilence(*end, changes);
  if (const auto* back = std::get_if<RollBackCommand>(&action)) result = RollBack(*back, changes);
  if (const auto* message = std::get_if<OutboxCommand>(&action)) result = DecideMessage(*message);
  Finish(std::move(pending), std::move(result), std::move(changes));
}

// The one place where a command ends: with its entry in the audit trail, in one transaction with
// what it changed.
void DetectLoop::Finish(PendingCommand pending, CommandResult result, Changes changes) {
  const bool must_last = result.status == 200 && !changes.empty();
  changes.audit.push_back(AuditOf(pending.command, clock_.Now(), result));
  engine_.Record(std::move(changes));
  if (must_last && engine_.backlog() > 0)
    result = {202, Dump({{"status", "accepted"}, {"message", kUnstored}})};
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
  Finish(*std::exchange(run_waiting_, std::nullopt), Refuse(503, std::string(why) + "; try again"),
         {});
}

CommandResult DetectLoop::TrainNow() {
  if (training_) return Refuse(409, "a training is under way; /status tells how it ends");
  const size_t needed = static_cast<size_t>(config_.detect.forest.min_samples);
  TrainingRun run = NewTraining("command");
  if (run.empty()) {
    const size_t best = run.best();
    const size_t missing = needed - std::min(needed, best);
    const std::string why = "too few samples to train: " + std::to_string(best) + " of " +
                            std::to_string(needed) + ", " + std::to_string(missing) +
                            " are missing" + kNotCounted;
    return {409,
            Dump({{"error", why}, {"samples", best}, {"needed", needed}, {"missing", missing}}),
            why};
  }
  StartTraining(std::move(run), "command");
  return {202, Dump({{"status", "training"}, {"message", "/status tells how it ends"}})};
}

CommandResult DetectLoop::Acknowledge(const AcknowledgeCommand& command, const std::string& by,
                                      Changes& changes) {
  const auto done = engine_.Acknowledge(command.anomaly_id, clock_.Now(), by, command.why, changes);
  if (!done) return Refuse(503, done.error().message);
  if (!*done) return NoAnomaly(command.anomaly_id);
  const Anomaly& a = (*done)->anomaly;
  std::string message = "acknowledged";
  if ((*done)->already) {
    message = "already acknowledged by " + a.acknowledged_by + " at " +
              FormatTime(FloorTo(*a.acknowledged_at, seconds(1))) +
              ", which stays; this one is in the audit trail";
  }
  return {200,
          Dump({{"id", a.id},
                {"acknowledged_at", FormatTime(*a.acknowledged_at)},
                {"acknowledged_by", a.acknowledged_by},
                {"acknowledged_why", a.acknowledged_why},
                {"already_acknowledged", (*done)->already},
                {"message", message}}),
          (*done)->already ? "already acknowledged by " + a.acknowledged_by : ""};
}

CommandResult DetectLoop::MarkAnomaly(const MarkCommand& command, const std::string& by,
                                      Changes& changes) {
  const auto done = engine_.MarkAnomaly(command, clock_.Now(), by, changes);
  if (!done) return Refuse(503, done.error().message);
  if (!*done) return NoAnomaly(command.anomaly_id);
  const Anomaly& a = **done;
  const std::string expected =
      std::string("expected: its samples are normal, and models learn them") +
      (engine_.CanExpect(a) ? "; the same at this time of other days is not told" : "");
  return {200, Dump({{"id", a.id},
                     {"mark", ToString(a.mark)},
                     {"marked_at", FormatTime(*a.marked_at)},
                     {"marked_by", a.marked_by},
                     {"message", a.mark == Mark::kReal
                                     ? "a real incident: no model learns from its samples"
                                     : expected}})};
}

CommandResult DetectLoop::AddSilence(const SilenceCommand& command, const std::string& by,
                                     Changes& changes) {
  Silence silence = command.silence;
  silence.by = by;
  const auto added = engine_.silences().Add(std::move(silence), clock_.Now(), changes);
  if (!added) return Refuse(409, added.error().message);
  Json begun = SilenceJson(*added);
  if (!engine_.Watches(*added))
    begun["note"] = "nobody is watched now whom it would concern; /status names the entities";
  return {200, Dump(begun), std::string(ToString(added->kind)) + " " + std::to_string(added->id)};
}

CommandResult DetectLoop::EndSilence(const EndSilenceCommand& command, Changes& changes) {
  const auto ended = engine_.silences().End(command.kind, command.id, clock_.Now(), changes);
  const std::string kind(ToString(command.kind));
  if (ended) {
    Json json = SilenceJson(ended->silence);
    if (ended->taken_back)
      json["note"] = "it was over and is taken back: from the next training on its samples count";
    return {200, Dump(json), ended->taken_back ? kind + " taken back" : ""};
  }
  return Refuse(404, "there is no " + kind + " " + std::to_string(command.id) +
                         " of the last 31 days; GET /" + kind + "s lists them");
}

CommandResult DetectLoop::RollBack(const RollBackCommand& command, Changes& changes) {
  if (training_)
    return Refuse(409,
                  "a training is under way, whose model would come into use; try again when "
                  "/status tells that it ended");
  const auto done = engine_.RollBack(command, clock_.Now(), changes);
  if (!done) return Refuse(done.error());
  std::string until;
  if (next_training_) until = ", which is due at " + FormatTime(*next_training_);
  return {200,
          Dump({{"model", ModelJson(done->now)},
                {"instead_of", done->before == 0 ? Json(nullptr) : Json(done->before)},
                {"message", "it judges until a training brings a new one" + until}}),
          "model " + std::to_string(done->now.id) + " judges"};
}

CommandResult DetectLoop::DecideMessage(const OutboxCommand& command) {
  Outbox& outbox = delivery_.outbox();
  const auto done =
      command.drop ? outbox.Drop(command.message_id) : outbox.Retry(command.message_id);
  if (!done) return Refuse(done.error());
  delivery_.WakeEdges();
  const char* outcome = command.drop ? "dropped, it will not be sent" : "it is sent again now";
  return {200, Dump({{"message", OutboxJson(*done)}, {"outcome", outcome}}), outcome};
}

CommandResult DetectLoop::Reload() {
  if (!options_.reload)
    return Refuse(409,
                  "a try-out has no configuration to read again: `aiopsctl init` writes one, "
                  "then start again");
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
