#include "web/schemas.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "model/anomaly.h"
#include "model/feature.h"
#include "model/model_record.h"
#include "model/verdict.h"
#include "pipeline/why.h"
#include "web/json_values.h"
#include "web/params.h"

namespace aiops {
namespace {

// A member of an object. A name that ends in '?' may be absent.
//
// Types: text, integer, number, boolean, time (RFC 3339), any, an enumeration of the model
// (verdict, severity, gate, kind, state, direction, knowledge, model_state), [T] for lists, {T} for
// maps, and names of other objects. A type that ends in '?' may be null.
struct Member {
  std::string_view name, type;
  std::string_view help = "";
};

struct Object {
  std::string_view name;
  std::vector<Member> members;
};

// A feature as it was at `sampled_at`, and more.
std::vector<Member> FeatureAnd(std::vector<Member> more) {
  std::vector<Member> members{{"feature", "text"},
                              {"unit", "text"},
                              {"direction", "direction"},
                              {"source", "text"},
                              {"value", "number?"},
                              {"expected", "number?"},
                              {"lower", "number?"},
                              {"upper", "number?"},
                              {"anomalous", "boolean"},
                              {"gate", "gate?"},
                              {"remark", "text?", "How a value outside its band counts."}};
  members.insert(members.end(), more.begin(), more.end());
  return members;
}

const std::vector<Object> kObjects{
    {"Error", {{"error", "text", "One sentence that says what to do."}}},
    {"Accepted", {{"status", "text"}, {"message", "text"}}},
    {"Contribution",
     {{"feature", "text"},
      {"unit", "text"},
      {"value", "number?"},
      {"expected", "number?"},
      {"lower", "number?"},
      {"upper", "number?"},
      {"share", "number?", "Of 1, how much it speaks for the anomaly."},
      {"gate", "gate?", "Why it does not count by itself."},
      {"remark", "text?", "The gate in words."}}},
    {"Anomaly",
     {{"id", "integer"},
      {"entity", "text"},
      {"scope", "text"},
      {"labels", "{text}"},
      {"kind", "kind"},
      {"fact", "text?"},
      {"object", "text?", "What the fact is about: a container, a target, a mount."},
      {"severity", "severity"},
      {"state", "state"},
      {"started_at", "time?"},
      {"last_seen_at", "time?"},
      {"ended_at", "time?"},
      {"score", "number?", "The worst; 1 is the threshold of a warning."},
      {"summary", "text"},
      {"contributions", "[Contribution]", "At the worst sample, the greatest share first."},
      {"root_cause", "any"},
      {"evidence", "any"},
      {"acknowledged_at", "time?"},
      {"acknowledged_by", "text?"},
      {"acknowledged_why", "text?"},
      {"mark", "text?", "What a person found it to be: real or expected."},
      {"marked_at", "time?"},
      {"marked_by", "text?"},
      {"marked_why", "text?"},
      {"fingerprint", "text"},
      {"story?", "[StoryStep]", "What moved first; only where one anomaly is asked for."},
      {"story_gap?", "text?", "What of it nobody can tell any more."}}},
    {"StoryStep",
     {{"time", "time", "When it began; no step is earlier than the one before it."},
      {"anomaly", "integer", "Whose step it is: facts of the same entity tell along."},
      {"kind", "kind"},
      {"feature", "text?"},
      {"fact", "text?"},
      {"object", "text?"},
      {"text", "text"}}},
    {"Anomalies", {{"anomalies", "[Anomaly]"}, {"next", "text?", "The cursor of the next page."}}},
    {"Acknowledgement",
     {{"id", "integer"},
      {"acknowledged_at", "time"},
      {"acknowledged_by", "text"},
      {"acknowledged_why", "text"},
      {"already_acknowledged", "boolean", "Somebody had before: theirs is kept."},
      {"message", "text"}}},
    {"Marked",
     {{"id", "integer"},
      {"mark", "text"},
      {"marked_at", "time"},
      {"marked_by", "text"},
      {"message", "text"}}},
    {"Silence",
     {{"id", "integer"},
      {"kind", "text", "window or mute."},
      {"scope", "text?", "null: every scope."},
      {"entity", "text?", "null: every entity."},
      {"starts_at", "time"},
      {"ends_at", "time"},
      {"by", "text?"},
      {"why", "text?"},
      {"note?", "text", "At its begin: nobody is watched whom it would concern."}}},
    {"Windows", {{"windows", "[Silence]"}}},
    {"Mutes", {{"mutes", "[Silence]"}}},
    {"TrainedModel",
     {{"id", "integer"},
      {"entity", "text"},
      {"scope", "text"},
      {"state", "model_state"},
      {"reason", "text?", "Why it was refused, or the training failed."},
      {"trained_at", "time"},
      {"used_from", "time?", "When it came into use, the last time."},
      {"why", "text?", "It was trained: schedule, command, ...; null: before this was kept."},
      {"rows", "integer?"},
      {"from", "time?", "The first sample of its window."},
      {"to", "time?"},
      {"excluded", "Exclusions?"},
      {"trial", "Trial?", "null: there was none."},
      {"bytes", "integer?"},
      {"schema", "text?", "Of its features; a model of another cannot judge."}}},
    {"Exclusions",
     {{"maintenance", "integer", "Samples of the window that were left out, by reason."},
      {"mute", "integer"},
      {"confirmed_real", "integer"},
      {"low_coverage", "integer"},
      {"partial", "integer"}}},
    {"Trial",
     {{"rows", "integer", "The newest, held out."},
      {"alerts", "integer", "Of them, that a model of the others alerted about."},
      {"alerts_in_use", "integer?", "That the model in use alerted about then."},
      {"passed", "boolean", "Few enough to be trusted."}}},
    {"Models", {{"models", "[TrainedModel]"}, {"next", "text?", "The cursor of the next page."}}},
    {"RolledBack",
     {{"model", "TrainedModel"},
      {"instead_of", "integer?", "The model that judged until then."},
      {"message", "text"}}},
    {"Run", {{"verdict", "verdict", "The worst."}, {"judged", "[JudgedSample]"}}},
    {"JudgedSample",
     {{"entity", "text"},
      {"scope", "text"},
      {"time", "time"},
      {"verdict", "verdict"},
      {"gate", "text"},
      {"score", "number?"}}},
    {"TrainRefusal",
     {{"error", "text"}, {"samples?", "integer"}, {"needed?", "integer"}, {"missing?", "integer"}}},
    {"Reload", {{"status", "text"}, {"in_force_at", "time"}}},
    {"AuditEntry",
     {{"id", "integer"},
      {"time", "time"},
      {"action", "text"},
      {"object", "text?", "null: the daemon itself."},
      {"by", "text", "The authenticated user, else who they say they are, else the address."},
      {"address", "text?"},
      {"via", "text?", "http, ctl (says its User-Agent) or signal."},
      {"status", "integer", "In HTTP's terms; from 400 on it changed nothing."},
      {"result", "text"},
      {"text", "text?", "What the person said about it."}}},
    {"Audit", {{"entries", "[AuditEntry]"}, {"next", "text?", "The cursor of the next page."}}},
    {"Judgement",
     {{"time", "time"},
      {"score", "number?"},
      {"level", "number?"},
      {"threshold", "number?"},
      {"verdict", "verdict"},
      {"gate", "gate?", "Why the verdict is lower than the evidence, or unknown."},
      {"features", "[Contribution]",
       "At most three, as they were then: outside their bands; of an alarm without any, those that "
       "spoke most for it."}}},
    {"OpenThen",
     {{"id", "integer"},
      {"kind", "kind"},
      {"fact", "text?"},
      {"object", "text?"},
      {"severity", "severity"},
      {"started_at", "time?"},
      {"ended_at", "time?"},
      {"summary", "text"}}},
    {"WhyInScope",
     {{"scope", "text"},
      {"words", "text", "The answer for people."},
      {"knowledge", "knowledge"},
      {"round_ran", "boolean", "Whether a round judged the sample of that moment."},
      {"daemon_ran", "boolean?", "Whether anything was collected then; null: cannot be told."},
      {"judgement", "Judgement?"},
      {"sampled_at", "time?"},
      {"coverage", "number?"},
      {"missing", "[text]", "Features without a value."},
      {"around", "[Judgement]", "Five intervals before and after."},
      {"sample_before", "time?", "The nearest samples of the entity."},
      {"sample_after", "time?"},
      {"open", "[OpenThen]"}}},
    {"Why", {{"entity", "text"}, {"at", "time"}, {"scopes", "[WhyInScope]"}}},
    {"Health",
     {{"status", "text", "ok, degraded or starting."},
      {"uptime", "number", "Seconds."},
      {"model_loaded", "boolean"},
      {"model_trained_at", "time?"},
      {"version", "text"},
      {"reasons", "[text]"},
      {"store", "HealthOfStore"},
      {"last_round", "time?"},
      {"open_anomalies", "integer"}}},
    {"HealthOfStore", {{"up", "boolean"}, {"backlog", "integer"}}},
    {"Status",
     {{"version", "text"},
      {"tryout", "boolean"},
      {"now", "time?"},
      {"started_at", "time?"},
      {"headline", "Headline"},
      {"health", "Health"},
      {"silences", "[Silence]", "Windows and mutes in force."},
      {"groups", "[Group]", "Scopes with many entities in trouble at once."},
      {"checklist", "[SourceCheck]"},
      {"rounds", "Rounds"},
      {"entities", "[Entity]"},
      {"facts", "[ActiveFact]"},
      {"open_anomalies", "[Anomaly]"},
      {"collectors", "[Collector]"},
      {"jobs", "[Job]"},
      {"receivers", "[Receiver]"},
      {"outbox", "{integer}", "Messages by state: pending, sent, ..."},
      {"store", "Store"},
      {"reload", "ReloadState"},
      {"config", "[ConfigValue]"}}},
    {"SourceCheck",
     {{"source", "text"},
      {"ok", "boolean"},
      {"state", "text", "works, fails, waits (not asked yet) or off (not there or not wanted)."},
      {"detail", "text"}}},
    {"Rounds", {{"total", "integer"}, {"last", "time?"}, {"duration_seconds", "number?"}}},
    {"Entity",
     {{"entity", "text"},
      {"scope", "text"},
      {"labels", "{text}"},
      {"verdict", "verdict", "The worse of the learned one and its facts."},
      {"learned", "verdict"},
      {"reason", "text?", "Why it is unknown."},
      {"judged_at", "time?"},
      {"sampled_at", "time?", "Of the values below."},
      {"ready_at", "time?"},
      {"score", "number?"},
      {"level", "number?"},
      {"gate", "gate?"},
      {"coverage", "number?"},
      {"warmup", "number?"},
      {"model", "Model"},
      {"features", "[FeatureNow]"}}},
    {"Model",
     {{"loaded", "boolean"},
      {"trusted", "boolean", "Until then what is learned is at most a warning."},
      {"because", "text?", "Why it is, or is not."},
      {"trained_at", "time?"},
      {"rows", "integer"},
      {"score", "number?"},
      {"warning", "number?"},
      {"critical", "number?"}}},
    {"FeatureNow", FeatureAnd({})},
    {"ActiveFact",
     {{"entity", "text"},
      {"scope", "text"},
      {"fact", "text"},
      {"object", "text?"},
      {"severity", "severity"}}},
    {"Collector",
     {{"name", "text"},
      {"help", "text"},
      {"up", "boolean"},
      {"error", "text?"},
      {"notes", "[text]"},
      {"last_success", "time?"},
      {"last_duration_seconds", "number?"},
      {"next_run", "time?"},
      {"late", "integer"},
      {"failures", "{integer}"},
      {"counters", "[Counter]"}}},
    {"Counter", {{"event", "text"}, {"reason", "text"}, {"count", "number?"}}},
    {"Job",
     {{"name", "text"},
      {"schedule", "text"},
      {"last_run", "time?"},
      {"last_success", "time?"},
      {"last_duration_seconds", "number?"},
      {"last_result", "text?"},
      {"next_run", "time?"}}},
    {"Receiver",
     {{"name", "text"},
      {"kind", "text", "level or edge."},
      {"up", "boolean?"},
      {"last_success", "time?"},
      {"last_error", "text?"},
      {"next_send", "time?"},
      {"sent", "integer"},
      {"failures", "{integer}"}}},
    {"Store",
     {{"up", "boolean"},
      {"error", "text?"},
      {"database_bytes", "integer"},
      {"wal_bytes", "integer"},
      {"samples", "integer"},
      {"backlog", "integer"},
      {"commit_failures", "integer"},
      {"set_aside", "text?"}}},
    {"Overview",
     {{"version", "text"},
      {"tryout", "boolean"},
      {"now", "time?"},
      {"started_at", "time?"},
      {"headline", "Headline"},
      {"last_round", "time?"},
      {"status", "text", "That of /health."},
      {"reasons", "[text]"},
      {"counts", "{integer}", "Entities by verdict."},
      {"total", "integer"},
      {"matching", "integer", "Entities that the search finds."},
      {"entities", "[EntityInShort]"},
      {"open_total", "integer"},
      {"open", "[Anomaly]", "The gravest."},
      {"silences", "[Silence]", "Windows and mutes in force."},
      {"groups", "[Group]", "Scopes with many entities in trouble at once."},
      {"checklist", "[SourceCheck]"},
      {"collectors", "[Collector]"},
      {"jobs", "[Job]"},
      {"receivers", "[Receiver]"},
      {"models", "ModelsInShort"},
      {"store", "Store"}}},
    {"Group",
     {{"scope", "text"},
      {"affected", "integer", "Entities with an open anomaly."},
      {"entities", "integer", "Of the scope."},
      {"labels", "{text}", "What nearly all affected share and most others do not have."},
      {"text", "text"}}},
    {"Headline",
     {{"state", "text", "critical, warning, degraded, unknown or normal."},
      {"what", "text"},
      {"since", "time?"},
      {"until", "time?"},
      {"detail", "text?"}}},
    {"EntityInShort",
     {{"entity", "text"},
      {"scope", "text"},
      {"verdict", "verdict"},
      {"reason", "text?"},
      {"judged_at", "time?"},
      {"ready_at", "time?"},
      {"warmup", "number?"},
      {"coverage", "number?"},
      {"level", "number?"},
      {"unusual", "[text]", "Features outside their band, at most three."}}},
    {"ModelsInShort", {{"loaded", "integer"}, {"entities", "integer"}, {"oldest", "time?"}}},
    {"Series",
     {{"entity", "text"},
      {"scope", "text"},
      {"from", "time?"},
      {"sampled_at", "time?", "The moment of the values, with which the curves end."},
      {"step_seconds", "number"},
      {"interval_seconds", "number"},
      {"verdicts", "[verdict?]", "The worst of each step; null: nothing was judged."},
      {"features", "[Curve]"}}},
    {"Curve", FeatureAnd({{"help", "text"},
                          {"low", "[number?]", "The least value of each step."},
                          {"high", "[number?]", "The greatest."}})},
    {"ReloadState", {{"ok", "boolean"}, {"at", "time?"}, {"error", "text?"}}},
    {"ConfigValue", {{"key", "text"}, {"value", "text"}, {"from", "text"}}},
};

// All names of an enumeration of the model, from its first value to its last.
template <class Enum>
Json Names(Enum last, int first = 0) {
  Json names = Json::array();
  for (int i = first; i <= static_cast<int>(last); ++i)
    names.push_back(ToString(static_cast<Enum>(i)));
  return names;
}

// Null for a type that is none.
Json EnumerationOf(std::string_view type) {
  if (type == "verdict") return Names(Verdict::kCritical);
  if (type == "severity") return Names(Severity::kCritical);
  if (type == "gate") return Names(static_cast<Gate>(kGateCount - 1), 1);
  if (type == "kind") return Names(AnomalyKind::kFact);
  if (type == "state") return Names(AnomalyState::kClosed);
  if (type == "direction") return Names(Direction::kBoth);
  if (type == "model_state") return Names(ModelState::kFailed);
  if (type == "knowledge") return Names(Knowledge::kNotYet);
  return nullptr;
}

Json SchemaOf(std::string_view type);

Json Nullable(Json schema) {
  if (schema.contains("$ref")) return {{"anyOf", Json::array({schema, {{"type", "null"}}})}};
  schema["type"] = Json::array({schema["type"], "null"});
  if (schema.contains("enum")) schema["enum"].push_back(nullptr);
  return schema;
}

Json SchemaOf(std::string_view type) {
  if (type.ends_with('?')) return Nullable(SchemaOf(type.substr(0, type.size() - 1)));
  if (type == "any") return Json::object();
  if (type == "text") return {{"type", "string"}};
  if (type == "time") return {{"type", "string"}, {"format", "date-time"}};
  if (type == "integer" || type == "number" || type == "boolean") return {{"type", type}};
  const std::string_view inner = type.substr(1, type.size() - 2);
  if (type.front() == '[') return {{"type", "array"}, {"items", SchemaOf(inner)}};
  if (type.front() == '{') return {{"type", "object"}, {"additionalProperties", SchemaOf(inner)}};
  if (Json names = EnumerationOf(type); !names.is_null())
    return {{"type", "string"}, {"enum", std::move(names)}};
  return {{"$ref", "#/components/schemas/" + std::string(type)}};
}

Json MemberSchema(const Member& member) {
  Json schema = SchemaOf(member.type);
  if (!member.help.empty()) schema["description"] = member.help;
  return schema;
}

Json ObjectSchema(const Object& object) {
  Json required = Json::array(), properties = Json::object();
  for (const Member& member : object.members) {
    const bool optional = member.name.ends_with('?');
    const std::string name(member.name.substr(0, member.name.size() - (optional ? 1 : 0)));
    if (!optional) required.push_back(name);
    properties[name] = MemberSchema(member);
  }
  return {{"type", "object"},
          {"required", std::move(required)},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

Json TextSchema(size_t most, const char* help) {
  return {{"type", "string"}, {"maxLength", most}, {"description", help}};
}

// A body that comes in; all of it is optional.
Json BodySchema(const Json& members = Json::object()) {
  Json properties = members;
  properties["why"] = TextSchema(kMaxWhy, "What is done about it.");
  properties["comment"] = TextSchema(kMaxWhy, "Another name for why.");
  properties["by"] = TextSchema(kMaxBy, "Who; an authenticated user's own name wins.");
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

Json TimeSchema(const char* help) {
  return {{"type", "string"}, {"format", "date-time"}, {"description", help}};
}

Json SilenceSchema(bool window) {
  Json members{{"duration",
                {{"type", "string"},
                 {"pattern", kDurationPattern},
                 {"description", "Such as 2h; an hour without it and ends_at."}}},
               {"ends_at", TimeSchema("Instead of a duration.")},
               {"entity", TextSchema(kMaxTextParam, "Exactly this entity; all without it.")},
               {"scope", TextSchema(kMaxTextParam, "Exactly this scope; all without it.")}};
  if (window) members["starts_at"] = TimeSchema("Up to 31 days ago; now without it.");
  return BodySchema(members);
}

Json RollBackSchema() {
  return BodySchema({{"entity", TextSchema(kMaxTextParam, "Not needed where there is only one.")},
                     {"scope", TextSchema(kMaxTextParam, "Not needed where it has only one.")}});
}

}  // namespace

Json ComponentSchemas() {
  Json out;
  for (const Object& object : kObjects) out[std::string(object.name)] = ObjectSchema(object);
  out["Acknowledge"] = BodySchema();
  out["RollBack"] = RollBackSchema();
  out["Window"] = SilenceSchema(true);
  out["Mute"] = SilenceSchema(false);
  return out;
}

}  // namespace aiops
