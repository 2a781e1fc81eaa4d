// What a person tells of times and of anomalies: window, mute, real, expected.
#include <CLI/App.hpp>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/daemon.h"
#include "ctl/json_text.h"
#include "ctl/order.h"

namespace aiops {
namespace {

struct SilenceOptions {
  std::string lasts, starts_at, entity, scope, why;
  std::optional<std::int64_t> end;
};

constexpr int kListedHours = 24 * 30;

// By this machine's clock.
bool IsOver(const Json& silence) {
  const auto ends_at = TimeIn(silence, "ends_at");
  return ends_at && *ends_at <= SystemClock().Now();
}

// "window 3: nas from 2026-11-23T03:00:00Z to 2026-11-23T05:00:00Z (ann: new disk)"
std::string Sentence(const Json& silence) {
  const auto text = [&](const char* name) {
    const Json& value = Member(silence, name);
    return value.is_string() ? TextOf(value) : std::string();
  };
  const std::string entity = text("entity"), scope = text("scope"), why = text("why");
  return TextOf(silence, "kind") + " " + TextOf(silence, "id") + ": " +
         (entity.empty() ? "everything" : entity) + (scope.empty() ? "" : " in scope " + scope) +
         " from " + MomentText(silence, "starts_at") + " to " + MomentText(silence, "ends_at") +
         " (" + text("by") + (why.empty() ? "" : ": " + why) + ")\n";
}

std::string TellBegun(const Json& answer, const Invocation&) {
  const Json& note = Member(answer, "note");
  return Sentence(answer) +
         (IsOver(answer) ? "It is over: the next training leaves its samples out; what was judged "
                           "and told then stays.\n"
                         : "While it lasts all is judged and stored, told to nobody and not "
                           "learned.\n") +
         (note.is_string() ? "Note: " + TextOf(note) + ".\n" : "");
}

std::string TellEnded(const Json& answer, const Invocation&) {
  const Json& note = Member(answer, "note");
  return (note.is_string() ? "Taken back: " : "Ended: ") + Sentence(answer) +
         (note.is_string() ? "Note: " + TextOf(note) + ".\n" : "");
}

std::string TellMarked(const Json& answer, const Invocation&) {
  return "Anomaly " + TextOf(answer, "id") + ": " + TextOf(answer, "message") + ".\n";
}

int List(const OnlineOptions& options, const std::string& kind, CommandLine& line) {
  const std::string member = kind + "s";
  const auto print = [&](const Json& answer) {
    std::string out;
    for (const Json& silence : Member(answer, member.c_str()))
      out += (IsOver(silence) ? "past " : "") + Sentence(silence);
    return out.empty() ? "No " + kind + " is in force or to come, nor was any within 30 days.\n"
                       : out;
  };
  const std::string query = "hours=" + std::to_string(kListedHours);
  return Show(options, {.path = "/" + member, .query = query}, member.c_str(), print, line);
}

int Silence(const OnlineOptions& options, const SilenceOptions& silence, const std::string& kind,
            CommandLine& line) {
  const std::string path = "/" + kind + "s";
  if (silence.end) {
    return Order(options,
                 {path + "/" + std::to_string(*silence.end) + "/end",
                  BodyOf({{"why", silence.why}}), "ends_at", TellEnded},
                 line);
  }
  if (silence.lasts.empty()) return List(options, kind, line);
  const std::string body = BodyOf({{"duration", silence.lasts},
                                   {"starts_at", silence.starts_at},
                                   {"entity", silence.entity},
                                   {"scope", silence.scope},
                                   {"why", silence.why}});
  return Order(options, {path, body, "ends_at", TellBegun}, line);
}

std::string NotBlank(const std::string& name) {
  if (name.find_first_not_of(' ') != name.npos) return "";
  return "is empty, as an unset variable is: name one, or leave it out to mean all";
}

void AddSilence(CommandLine& line, const std::string& kind, const std::string& help,
                const std::string& examples) {
  auto& command = line.Add(kind, help, examples);
  const auto silence = std::make_shared<SilenceOptions>();
  auto* lasts = command.add_option("--for", silence->lasts, "How long, such as 30m or 2h.");
  if (kind == "window")
    command.add_option("--from", silence->starts_at, "RFC 3339, up to 31 days ago. Default: now.")
        ->needs(lasts);
  for (auto [option, name] :
       {std::pair("--entity", &silence->entity), {"--scope", &silence->scope}})
    command.add_option(option, *name, "Exactly this one. Default: all.")
        ->needs(lasts)
        ->check(NotBlank);
  command.add_option("--why", silence->why, "A sentence for the others.");
  command
      .add_option("--end", silence->end,
                  "The id of one that is to end now; one that is past is taken back.")
      ->excludes(lasts);
  const auto options = AddOnlineOptions(command);
  line.Run(command,
           [&line, options, silence, kind] { return Silence(*options, *silence, kind, line); });
}

void AddMark(CommandLine& line, const std::string& mark, const std::string& help,
             const std::string& why_so) {
  auto& command = line.Add(mark, help, "  aiopsctl " + mark + " 17 --why \"" + why_so + "\"");
  const auto id = std::make_shared<std::int64_t>(0);
  const auto why = std::make_shared<std::string>();
  AddAnomalyId(command, *id);
  command.add_option("--why", *why, "A sentence for the others.");
  const auto options = AddOnlineOptions(command);
  line.Run(command, [&line, options, id, why, mark] {
    const std::string path = "/anomalies/" + std::to_string(*id) + "/" + mark;
    return Order(*options, {path, BodyOf({{"why", *why}}), "marked_at", TellMarked}, line);
  });
}

}  // namespace

void AddWindowCommand(CommandLine& line) {
  AddSilence(line, "window",
             "Maintenance: begins a window, ends one, or without --for and --end lists them.",
             "  aiopsctl window --for 2h --why \"new disk\"\n"
             "  aiopsctl window --from 2026-11-23T03:00:00Z --for 30m --entity nas\n"
             "  aiopsctl window --end 3");
}

void AddMuteCommand(CommandLine& line) {
  AddSilence(line, "mute", "Begins a mute, ends one, or without --for and --end lists them.",
             "  aiopsctl mute --for 1h --entity nas\n  aiopsctl mute --end 4");
}

void AddRealCommand(CommandLine& line) {
  AddMark(line, "real", "Marks an anomaly as a real incident: no model learns from its samples.",
          "the disk was dying");
}

void AddExpectedCommand(CommandLine& line) {
  AddMark(line, "expected", "Marks an anomaly as to be expected: models learn its samples.",
          "the backup");
}

}  // namespace aiops
