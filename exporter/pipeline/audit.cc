#include "pipeline/audit.h"

#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMaxNameBytes = 400;
constexpr size_t kMaxTextBytes = 2000;

struct NameOf {
  std::string_view operator()(const RunCommand&) const { return "run"; }
  std::string_view operator()(const TrainCommand&) const { return "train"; }
  std::string_view operator()(const ReloadCommand&) const { return "reload"; }
  std::string_view operator()(const AcknowledgeCommand&) const { return "acknowledge"; }
  std::string_view operator()(const MarkCommand& c) const { return ToString(c.mark); }
  std::string_view operator()(const SilenceCommand& c) const { return ToString(c.silence.kind); }
  std::string_view operator()(const EndSilenceCommand& c) const {
    return c.kind == SilenceKind::kWindow ? "end_window" : "end_mute";
  }
  std::string_view operator()(const RollBackCommand&) const { return "rollback"; }
  std::string_view operator()(const OutboxCommand& c) const {
    return c.drop ? "drop_message" : "retry_message";
  }
};

std::string Subject(const Silence& s) {
  const std::string scope = s.scope.empty() ? "" : " in scope " + s.scope;
  return (s.entity.empty() ? "everything" : s.entity) + scope + " from " +
         FormatTime(FloorTo(s.starts_at, seconds(1))) + " to " +
         FormatTime(FloorTo(s.ends_at, seconds(1)));
}

std::string Subject(const RollBackCommand& c) {
  if (c.model_id != 0) return "model " + std::to_string(c.model_id);
  return "the model" + (c.entity.empty() ? "" : " of " + c.entity) +
         (c.scope.empty() ? "" : " in scope " + c.scope);
}

// What a command is about, and what the person said; most are about the daemon itself.
struct SubjectOf {
  AuditEntry& entry;
  void operator()(const AcknowledgeCommand& c) const { OfAnomaly(c.anomaly_id, c.why); }
  void operator()(const MarkCommand& c) const { OfAnomaly(c.anomaly_id, c.why); }
  void operator()(const SilenceCommand& c) const { Tell(Subject(c.silence), c.silence.why); }
  void operator()(const EndSilenceCommand& c) const {
    Tell(std::string(ToString(c.kind)) + " " + std::to_string(c.id), c.why);
  }
  void operator()(const RollBackCommand& c) const { Tell(Subject(c), c.why); }
  void operator()(const OutboxCommand& c) const {
    Tell("message " + std::to_string(c.message_id), c.why);
  }
  template <class Other>
  void operator()(const Other&) const {}

 private:
  void OfAnomaly(std::int64_t id, const std::string& why) const {
    Tell("anomaly " + std::to_string(id), why);
  }
  void Tell(const std::string& object, const std::string& why) const {
    entry.object = Sanitize(object, kMaxTextBytes);
    entry.text = Sanitize(why, kMaxTextBytes);
  }
};

std::string Words(const CommandResult& result) {
  if (result.status >= 400) return "refused: " + Sanitize(result.outcome, kMaxTextBytes);
  if (!result.outcome.empty()) return Sanitize(result.outcome, kMaxTextBytes);
  return result.status == 202 ? "accepted" : "done";
}

}  // namespace

std::string_view ActionName(const Command& command) { return std::visit(NameOf{}, command.action); }

AuditEntry AuditOf(const Command& command, Time now, const CommandResult& result) {
  AuditEntry entry;
  entry.time = now;
  entry.action = ActionName(command);
  entry.by = Sanitize(command.by, kMaxNameBytes);
  entry.via = Sanitize(command.via, kMaxNameBytes);
  entry.address = Sanitize(command.address, kMaxNameBytes);
  entry.status = result.status;
  entry.result = Words(result);
  std::visit(SubjectOf{entry}, command.action);
  return entry;
}

}  // namespace aiops
