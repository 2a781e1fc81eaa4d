// What the daemon is told to do: ack, run, train, reload.
#include <CLI/App.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/command.h"
#include "ctl/daemon.h"
#include "ctl/json_text.h"
#include "ctl/order.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

// "Anomaly 17 is acknowledged by ann: disk is being replaced."
std::string TellAcknowledged(const Json& answer, const Invocation&) {
  const std::string subject = "Anomaly " + TextOf(answer, "id") + " is ";
  if (IsTrue(answer, "already_acknowledged")) return subject + TextOf(answer, "message") + ".\n";
  const Json& why = Member(answer, "acknowledged_why");
  const bool reasoned = why.is_string() && !why.empty() && why != "";
  return subject + "acknowledged by " + TextOf(answer, "acknowledged_by") +
         (reasoned ? ": " + TextOf(why) : "") + ".\n";
}

std::string TellRound(const Json& answer, const Invocation&) {
  Table table{{"SCOPE", "ENTITY", "TIME (UTC)", "VERDICT", "SCORE", "GATE"}, {}};
  for (const Json& j : Member(answer, "judged"))
    table.rows.push_back({TextOf(j, "scope"), TextOf(j, "entity"), MomentText(j, "time"),
                          TextOf(j, "verdict"), ScoreText(j, "score"), TextOf(j, "gate")});
  return "The round was run; the worst verdict, after the gates, is " + TextOf(answer, "verdict") +
         ".\n" + (table.rows.empty() ? "" : Render(table, "  "));
}

std::string TellTraining(const Json&, const Invocation& call) {
  return "The models are being fitted; `" + call.ctl + " status` tells how it ends.\n";
}

std::string TellReload(const Json& answer, const Invocation&) {
  const bool later = Member(answer, "in_force_at").is_string();
  return "The configuration was read again" +
         (later ? " and is in force from " + MomentText(answer, "in_force_at") : "") + ".\n";
}

void AddOrder(CommandLine& line, const std::string& name, const std::string& help,
              const OrderText& text) {
  auto& command = line.Add(name, help, "  aiopsctl " + name);
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, options, text] { return Order(*options, text, line); });
}

}  // namespace

void AddAcknowledgeCommand(CommandLine& line) {
  auto& command = line.Add("ack", "Acknowledges an anomaly: somebody takes care.",
                           "  aiopsctl ack 17\n"
                           "  aiopsctl ack 17 --why \"disk is being replaced\"");
  const auto id = std::make_shared<std::int64_t>(0);
  const auto why = std::make_shared<std::string>();
  AddAnomalyId(command, *id);
  command.add_option("--why", *why, "A sentence for the others.");
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, options, id, why] {
    const std::string number = std::to_string(*id);
    return Order(*options,
                 {"/anomalies/" + number + "/acknowledge", BodyOf({{"why", *why}}),
                  "acknowledged_at", TellAcknowledged},
                 line);
  });
}

void AddRunCommand(CommandLine& line) {
  AddOrder(line, "run", "Collects and detects now.", {"/run", "", "verdict", TellRound});
}

void AddTrainCommand(CommandLine& line) {
  AddOrder(line, "train", "Fits the models now.", {"/train", "", "status", TellTraining});
}

void AddReloadCommand(CommandLine& line) {
  AddOrder(line, "reload", "Makes the daemon read its configuration again.",
           {"/-/reload", "", "status", TellReload});
}

}  // namespace aiops
