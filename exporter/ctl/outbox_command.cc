// Messages to receivers: list, retry, drop.
#include <CLI/App.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/daemon.h"
#include "ctl/json_text.h"
#include "ctl/order.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

struct OutboxOptions {
  std::string receiver, state, by, why;
  int limit = 100;
  std::int64_t id = 0;
};

std::string PrintMessages(const Json& answer) {
  const Time now = SystemClock().Now();
  Table table{{"ID", "STATE", "RECEIVER", "ANOMALY", "OCCASION", "CREATED", "TRIED", "LAST ERROR"},
              {}};
  for (const Json& m : Member(answer, "messages"))
    table.rows.push_back({TextOf(m, "id"), TextOf(m, "state"), TextOf(m, "receiver"),
                          TextOf(m, "anomaly"), TextOf(m, "occasion"), AgoOf(m, "created_at", now),
                          TextOf(m, "attempts"),
                          Member(m, "last_error").is_string() ? TextOf(m, "last_error") : ""});
  if (table.rows.empty())
    return "No such message: there is one for each receiver of `notify` that is told each change "
           "once, not for Alertmanager, which is told all that is open again and again.\n";
  return Render(table) +
         (Member(answer, "next").is_null() ? "" : "There are more: raise --limit.\n");
}

std::string TellDecided(const Json& answer, const Invocation&) {
  const Json& message = Member(answer, "message");
  return "Message " + TextOf(message, "id") + " about anomaly " + TextOf(message, "anomaly") +
         " for " + TextOf(message, "receiver") + ": " + TextOf(answer, "outcome") + ".\n";
}

int List(const OnlineOptions& options, const OutboxOptions& wanted, CommandLine& line) {
  std::string query = "limit=" + std::to_string(wanted.limit);
  if (!wanted.receiver.empty()) query += "&receiver=" + UrlEncode(wanted.receiver);
  if (!wanted.state.empty()) query += "&state=" + wanted.state;
  return Show(options, {.path = "/outbox", .query = query}, "messages", PrintMessages, line);
}

int Decide(const OnlineOptions& options, const OutboxOptions& wanted, const std::string& what,
           CommandLine& line) {
  const std::string path = "/outbox/" + std::to_string(wanted.id) + "/" + what;
  const std::string body = BodyOf({{"by", wanted.by}, {"why", wanted.why}});
  return Order(options, {path, body, "message", TellDecided}, line);
}

void AddList(CLI::App& parent, CommandLine& line) {
  auto& command = AddUnder(parent, "list", "Lists messages, newest first.",
                           "  aiopsctl outbox list\n  aiopsctl outbox list --state failed --json");
  const auto wanted = std::make_shared<OutboxOptions>();
  command.add_option("--receiver", wanted->receiver, "Only to this one.");
  command.add_option("--state", wanted->state, "Only those that are so.")
      ->check(CLI::IsMember({"pending", "sending", "sent", "failed", "expired", "dropped"}));
  AddLimit(command, wanted->limit);
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, wanted, options] { return List(*options, *wanted, line); });
}

void AddDecision(CLI::App& parent, const std::string& name, const std::string& help,
                 CommandLine& line) {
  auto& command = AddUnder(parent, name, help, "  aiopsctl outbox " + name + " 17");
  const auto wanted = std::make_shared<OutboxOptions>();
  AddId(command, "id", wanted->id, "message", "outbox list")->required();
  command.add_option("--by", wanted->by, "Who, where the daemon has no users.");
  command.add_option("--why", wanted->why, "A sentence for the others.");
  const auto options = AddOnlineOptions(command);
  line.Run(command,
           [&line, wanted, options, name] { return Decide(*options, *wanted, name, line); });
}

}  // namespace

void AddOutboxCommand(CommandLine& line) {
  auto& command = line.Add("outbox", "Messages to receivers: list, retry, drop.",
                           "  aiopsctl outbox list --state failed\n  aiopsctl outbox retry 17\n"
                           "  aiopsctl outbox drop 17 --why \"told by phone\"");
  command.require_subcommand(1);
  AddList(command, line);
  AddDecision(command, "retry", "Sends what failed once more, and what waits at once.", line);
  AddDecision(command, "drop", "Gives up a message that has not been sent.", line);
}

}  // namespace aiops
