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
};

// What a command is about, and what the person said; most are about the daemon itself.
struct SubjectOf {
  AuditEntry& entry;
  void operator()(const AcknowledgeCommand& c) const {
    entry.object = "anomaly " + std::to_string(c.anomaly_id);
    entry.text = Sanitize(c.why, kMaxTextBytes);
  }
  template <class Other>
  void operator()(const Other&) const {}
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
