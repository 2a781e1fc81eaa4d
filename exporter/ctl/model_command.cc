// The trained models: list, show, rollback.
#include <CLI/App.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/daemon.h"
#include "ctl/json_text.h"
#include "ctl/order.h"
#include "ctl/terminal.h"

namespace aiops {
namespace {

struct ModelOptions {
  std::string entity, scope, state, by, why;
  int limit = 100;
  std::int64_t id = 0;
};

double NumberIn(const Json& object, const char* name) {
  const Json& value = Member(object, name);
  return value.is_number() ? value.get<double>() : 0;
}

bool Has(const Json& object, const char* name) { return !Member(object, name).is_null(); }

// "12 %" of the samples in the window were left out.
std::string LeftOut(const Json& model) {
  const Json& excluded = Member(model, "excluded");
  if (!excluded.is_object()) return "-";
  double out = 0;
  for (const auto& [reason, count] : excluded.items())
    out += count.is_number() ? count.get<double>() : 0;
  const double all = out + NumberIn(model, "rows");
  return TextOf(Json(all > 0 ? 100 * out / all : 0.0)) + " %";
}

// "500 maintenance, 20 confirmed_real"
std::string Reasons(const Json& model) {
  std::vector<std::string> parts;
  for (const auto& [reason, count] : Member(model, "excluded").items())
    if (count.is_number() && count != 0)
      parts.push_back(TextOf(count) + " " + TerminalText(reason, 100));
  return JoinOr(parts, "nothing");
}

// "3 of 200"
std::string TrialOf(const Json& model) {
  const Json& trial = Member(model, "trial");
  return trial.is_object() ? TextOf(trial, "alerts") + " of " + TextOf(trial, "rows") : "-";
}

// Why the list is empty: nothing was trained, or nothing matches.
std::string NoModels(const ModelOptions& wanted, const Invocation& call) {
  std::vector<std::string> filter;
  for (const auto& [name, value] :
       {std::pair("state", &wanted.state), {"entity", &wanted.entity}, {"scope", &wanted.scope}})
    if (!value->empty()) filter.push_back(name + (" " + TerminalText(*value, 100)));
  if (filter.empty())
    return "Nothing was trained: `" + call.ctl + " train`, or wait for the schedule.\n";
  return "No model matches " + JoinOr(filter, "") + ": `" + call.ctl +
         " model list` lists all that there are.\n";
}

// "yes", "no"; "-" of one that does not judge.
std::string TrustOf(const Json& model) { return TextOf(model, "trusted"); }

std::string PrintModels(const Json& answer, const ModelOptions& wanted, const Invocation& call) {
  const Time now = SystemClock().Now();
  Table table{{"ID", "STATE", "SCOPE", "ENTITY", "TRAINED", "WHY", "ROWS", "LEFT OUT", "ALERTS",
               "TRUST", "BYTES", "REASON"},
              {}};
  for (const Json& m : Member(answer, "models"))
    table.rows.push_back({TextOf(m, "id"), TextOf(m, "state"), TextOf(m, "scope"),
                          TextOf(m, "entity"), AgoOf(m, "trained_at", now), TextOf(m, "why"),
                          TextOf(m, "rows"), LeftOut(m), TrialOf(m), TrustOf(m), TextOf(m, "bytes"),
                          Has(m, "reason") ? TextOf(m, "reason") : ""});
  if (table.rows.empty()) return NoModels(wanted, call);
  return Render(table) + (Has(answer, "next") ? "There are more: raise --limit.\n" : "");
}

std::string TrialInWords(const Json& model) {
  const Json& trial = Member(model, "trial");
  if (!trial.is_object()) return "none\n";
  const bool beside = Has(trial, "alerts_in_use");
  return "a model of the others alerted about " + TrialOf(model) + " newest samples" +
         (beside ? ", the model in use then about " + TextOf(trial, "alerts_in_use") : "") + ": " +
         (IsTrue(trial, "passed") ? "passed" : "too many") + "\n";
}

std::string PrintModel(const Json& m) {
  std::string out = "Model " + TextOf(m, "id") + " of " + TextOf(m, "entity") + " in scope " +
                    TextOf(m, "scope") + ": " + TextOf(m, "state");
  if (Has(m, "used_from")) out += ", last from " + MomentText(m, "used_from") + " on";
  if (Has(m, "reason")) out += ": " + TextOf(m, "reason");
  out += "\n  trained   " + MomentText(m, "trained_at") + ", why: " + TextOf(m, "why");
  out += "\n  on        " + TextOf(m, "rows") + " samples from " + MomentText(m, "from") + " to " +
         MomentText(m, "to");
  out += "\n  left out  " + LeftOut(m) + ": " + Reasons(m);
  out += "\n  trial     " + TrialInWords(m);
  if (Has(m, "trusted"))
    out += "  trust     " +
           std::string(IsTrue(m, "trusted") ? "yes, it may say critical"
                                            : "no, it says at most a warning") +
           ": " + TextOf(m, "because") + "\n";
  return out + "  size      " + TextOf(m, "bytes") + " bytes\n";
}

std::string TellRolledBack(const Json& answer, const Invocation&) {
  const Json& model = Member(answer, "model");
  const bool instead = Has(answer, "instead_of");
  return "Model " + TextOf(model, "id") + " of " + TextOf(model, "entity") + ", trained " +
         MomentText(model, "trained_at") + ", judges" +
         (instead ? " instead of " + TextOf(answer, "instead_of") : "") + ";\n" +
         TextOf(answer, "message") + ".\n";
}

int List(const OnlineOptions& options, const ModelOptions& wanted, CommandLine& line) {
  std::string query = "limit=" + std::to_string(wanted.limit);
  if (!wanted.entity.empty()) query += "&entity=" + UrlEncode(wanted.entity);
  if (!wanted.scope.empty()) query += "&scope=" + UrlEncode(wanted.scope);
  if (!wanted.state.empty()) query += "&state=" + wanted.state;
  const auto print = [&](const Json& answer) { return PrintModels(answer, wanted, line.call); };
  return Show(options, {.path = "/models", .query = query}, "models", print, line);
}

int ShowOne(const OnlineOptions& options, std::int64_t id, CommandLine& line) {
  const DaemonAnswer answer = AskDaemon(options, {.path = "/models/" + std::to_string(id)}, line);
  if (answer.exit_code != kExitOk) return answer.exit_code;
  const auto json = ParseJson(answer.body);
  if (!json || !Has(*json, "trained_at")) {
    line.err << "that is not the answer of an aiops_exporter: set --web.url\n";
    return kExitFailed;
  }
  line.out << (options.json() ? PrintJson(*json) : PrintModel(*json));
  return kExitOk;
}

int RollBack(const OnlineOptions& options, const ModelOptions& wanted, CommandLine& line) {
  const std::string which = wanted.id == 0 ? "" : "/" + std::to_string(wanted.id);
  const std::string body = BodyOf(
      {{"entity", wanted.entity}, {"scope", wanted.scope}, {"by", wanted.by}, {"why", wanted.why}});
  return Order(options, {"/models" + which + "/rollback", body, "model", TellRolledBack}, line);
}

void AddList(CLI::App& parent, CommandLine& line) {
  auto& command = AddUnder(parent, "list", "Lists what was trained, newest first.",
                           "  aiopsctl model list\n  aiopsctl model list --entity nas --json");
  const auto wanted = std::make_shared<ModelOptions>();
  command.add_option("--entity", wanted->entity, "Only of this entity.");
  command.add_option("--scope", wanted->scope, "Only of this scope.");
  command.add_option("--state", wanted->state, "Only those that are so.")
      ->check(CLI::IsMember({"in_use", "earlier", "refused", "failed"}));
  AddLimit(command, wanted->limit);
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, wanted, options] { return List(*options, *wanted, line); });
}

void AddShow(CLI::App& parent, CommandLine& line) {
  auto& command = AddUnder(parent, "show", "Tells how the training of a model went.",
                           "  aiopsctl model show 5");
  const auto id = std::make_shared<std::int64_t>(0);
  AddId(command, "id", *id, "model", "model list")->required();
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, id, options] { return ShowOne(*options, *id, line); });
}

void AddRollBack(CLI::App& parent, CommandLine& line) {
  auto& command = AddUnder(parent, "rollback", "Makes an earlier model judge again.",
                           "  aiopsctl model rollback\n"
                           "  aiopsctl model rollback nas --why \"the new one cries wolf\"\n"
                           "  aiopsctl model rollback --id 4");
  const auto wanted = std::make_shared<ModelOptions>();
  auto* entity = command.add_option("entity", wanted->entity,
                                    "Back to the model before the one in use; not needed where "
                                    "there is only one entity.");
  auto* id = AddId(command, "--id", wanted->id, "model", "model list")->excludes(entity);
  command.add_option("--scope", wanted->scope, "Where the entity has several.")->excludes(id);
  command.add_option("--by", wanted->by, "Who, where the daemon has no users.");
  command.add_option("--why", wanted->why, "A sentence for the others.");
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, wanted, options] { return RollBack(*options, *wanted, line); });
}

}  // namespace

void AddModelCommand(CommandLine& line) {
  auto& command = line.Add("model", "The trained models: list, show, rollback.",
                           "  aiopsctl model list\n  aiopsctl model show 5\n"
                           "  aiopsctl model rollback nas");
  command.require_subcommand(1);
  AddList(command, line);
  AddShow(command, line);
  AddRollBack(command, line);
}

}  // namespace aiops
