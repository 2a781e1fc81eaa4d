// Maintenance windows, mutes, and what people found an anomaly to have been.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/silence_json.h"
#include "text/sanitize.h"
#include "web/api.h"
#include "web/json_values.h"
#include "web/members.h"
#include "web/schemas.h"
#include "web/view_json.h"

namespace aiops {
namespace {

constexpr Duration kLongest = hours(24 * 366);
constexpr Duration kFarthestBack = hours(24 * 31);  // samples of so long ago are rewritten

Result<Time> TimeMember(const TextMembers& body, const std::string& name) {
  auto time = ParseTime(body.at(name));
  if (time) return time;
  return InvalidArgument(name + ": want a time as 2026-11-23T03:02:00Z");
}

// As kDurationPattern says.
Result<Duration> DurationMember(const TextMembers& body) {
  const auto it = body.find("duration");
  if (it == body.end()) return Duration(hours(1));
  const std::string& text = it->second;
  std::string_view rest = text;
  const auto part = [&](std::string_view units) {
    const size_t digits = rest.find_first_not_of("0123456789");
    if (digits == rest.npos || digits < 1 || digits > 6 || units.find(rest[digits]) == units.npos)
      return false;
    rest.remove_prefix(digits + 1);
    return true;
  };
  const bool hours_first = text.find('h') != text.npos && !text.ends_with('h');
  const bool formed = (hours_first ? part("h") && part("m") : part("smhd")) && rest.empty();
  auto duration = formed ? ParseDuration(text) : Result<Duration>(InvalidArgument(""));
  if (duration) return duration;
  return InvalidArgument("duration: want it as \"30m\", \"2h\", \"1h30m\" or \"7d\"");
}

Result<Silence> SilenceOf(const TextMembers& body, SilenceKind kind, Time now) {
  Silence s;
  s.kind = kind;
  s.scope = TextIn(body, "scope");
  s.entity = TextIn(body, "entity");
  s.why = ReasonIn(body);
  s.starts_at = now;
  if (body.contains("starts_at")) {
    AIOPS_TRY(s.starts_at, TimeMember(body, "starts_at"));
  }
  AIOPS_TRY(const Duration lasts, DurationMember(body));
  s.ends_at = s.starts_at + lasts;
  if (body.contains("ends_at")) {
    AIOPS_TRY(s.ends_at, TimeMember(body, "ends_at"));
  }
  return s;
}

// Well-formed, and yet not to be had.
std::optional<std::string> Impossible(const Silence& s, const TextMembers& body, Time now) {
  // A script whose variable is unset does not mean everybody.
  for (const char* name : {"scope", "entity"})
    if (body.contains(name) && TextIn(body, name).find_first_not_of(' ') == std::string::npos)
      return std::string(name) + ": want a name; leave it out to mean all";
  if (body.contains("ends_at") && body.contains("duration"))
    return "want \"duration\" or \"ends_at\", not both";
  if (s.ends_at <= s.starts_at) return "it must end after it begins";
  if (s.ends_at - s.starts_at > kLongest || s.starts_at > now + kLongest)
    return "at most 366 days, and at most so far ahead";
  if (s.starts_at < now - kFarthestBack) return "starts_at: at most 31 days ago";
  return std::nullopt;
}

// A name that nobody has is allowed (who is watched may come later), but not one that is mistyped.
std::optional<std::string> Unknown(const Silence& silence, const View& view) {
  const auto& scopes = view.scopes;
  if (silence.scope.empty() || std::any_of(scopes.begin(), scopes.end(), [&](const Scope& scope) {
        return scope.name == silence.scope;
      }))
    return std::nullopt;
  return "scope: there is no scope '" + Sanitize(silence.scope, 64) + "'; /status names them";
}

}  // namespace

std::vector<Param> SilenceParams() {
  return {IntegerParam("hours", "Also those that ended within the last so many hours.", 31 * 24)};
}

WebResponse ListSilences(const View& view, SilenceKind kind, Time now, const WebRequest& request) {
  Json list = Json::array();
  if (const auto back = IntegerOf(request, "hours")) {
    for (const Silence& silence : view.past_silences)
      if (silence.kind == kind && silence.ends_at >= now - hours(*back))
        list.push_back(SilenceJson(silence));
  }
  for (const Silence& silence : view.silences)
    if (silence.kind == kind) list.push_back(SilenceJson(silence));
  return JsonResponse(Dump({{std::string(ToString(kind)) + "s", list}}));
}

Json SilencesInForceJson(const View& view, Time now) {
  Json out = Json::array();
  for (const Silence& silence : view.silences)
    if (silence.Covers(now)) out.push_back(SilenceJson(silence));
  return out;
}

WebResponse BeginSilence(const ApiContext& context, SilenceKind kind, const WebRequest& request) {
  MemberLimits known{{"duration", kMaxBy},
                     {"ends_at", kMaxBy},
                     {"entity", kMaxTextParam},
                     {"scope", kMaxTextParam}};
  if (kind == SilenceKind::kWindow) known["starts_at"] = kMaxBy;
  const auto body = ReadMembers(request.body, known);
  if (!body) return ErrorResponse(400, body.error().message);
  const auto silence = SilenceOf(*body, kind, context.clock.Now());
  if (!silence) return ErrorResponse(400, silence.error().message);
  if (const auto why = Impossible(*silence, *body, context.clock.Now()))
    return ErrorResponse(409, *why);
  if (const auto unknown = Unknown(*silence, *context.view.Get()))
    return ErrorResponse(404, *unknown);
  return Execute(context.commands, CommandOf(request, SilenceCommand{*silence}, AuthorIn(*body)),
                 context.stopping);
}

WebResponse EndSilence(const ApiContext& context, SilenceKind kind, const WebRequest& request) {
  const auto body = ReadMembers(request.body);
  if (!body) return ErrorResponse(400, body.error().message);
  const EndSilenceCommand end{kind, request.id, ReasonIn(*body)};
  return Execute(context.commands, CommandOf(request, end, AuthorIn(*body)), context.stopping);
}

WebResponse MarkAnomaly(const ApiContext& context, Mark mark, const WebRequest& request) {
  const auto body = ReadMembers(request.body);
  if (!body) return ErrorResponse(400, body.error().message);
  const MarkCommand command{request.id, mark, ReasonIn(*body)};
  return Execute(context.commands, CommandOf(request, command, AuthorIn(*body)), context.stopping);
}

}  // namespace aiops
