#include "collect/prometheus/held_facts.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "text/sanitize.h"

namespace aiops::prom {
namespace {

using nlohmann::json;

constexpr Duration kLongestGap = minutes(10);
constexpr size_t kMaxRestored = 10'000;

// A checkpoint is ours, but the disk is not: every field is asked for by type.
std::string TextAt(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

json PairsToJson(const std::vector<std::pair<std::string, std::string>>& pairs) {
  json out = json::array();
  for (const auto& [name, value] : pairs) out.push_back({name, value});
  return out;
}

std::vector<std::pair<std::string, std::string>> PairsAt(const json& object, const char* key) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto it = object.find(key);
  if (it == object.end() || !it->is_array()) return out;
  for (const auto& pair : *it)
    if (pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string())
      out.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  return out;
}

std::optional<Fact> FactFromJson(const json& item) {
  const auto since = item.find("since");
  if (since == item.end() || !since->is_number_integer()) return std::nullopt;
  Fact fact;
  fact.name = TextAt(item, "name");
  fact.entity = TextAt(item, "entity");
  fact.object = TextAt(item, "object");
  fact.summary = TextAt(item, "summary");
  fact.labels = PairsAt(item, "labels");
  fact.details = PairsAt(item, "details");
  fact.severity = ParseSeverity(TextAt(item, "severity")).value_or(Severity::kWarning);
  fact.since = FromUnixMillis(since->get<std::int64_t>());
  if (fact.name.empty()) return std::nullopt;
  return fact;
}

}  // namespace

void HeldFacts::ForgetPendingAfterGap(Time tick) {
  if (restored_at_ && tick - *restored_at_ > kLongestGap)
    std::erase_if(entries_, [](const auto& entry) { return !entry.second.held; });
  restored_at_.reset();
}

void HeldFacts::Update(const FactQuery& query, std::vector<Fact> seen, bool complete, Time tick) {
  ForgetPendingAfterGap(tick);
  std::map<Key, Entry> now;
  for (auto& fact : seen) {
    Key key{query.name, query.expr, fact.entity, fact.object};
    const auto before = entries_.find(key);
    const bool known = before != entries_.end();
    fact.since = known ? std::min(before->second.fact.since, tick) : tick;
    const bool held = (known && before->second.held) || tick - fact.since >= query.hold;
    now.try_emplace(std::move(key), Entry{std::move(fact), held});
  }
  if (complete)
    std::erase_if(entries_, [&](const auto& entry) {
      return entry.first.name == query.name && entry.first.expr == query.expr;
    });
  for (auto& [key, entry] : now) entries_.insert_or_assign(key, std::move(entry));
}

std::vector<Fact> HeldFacts::Held(const std::vector<FactQuery>& queries, Time tick) {
  ForgetPendingAfterGap(tick);
  std::erase_if(entries_, [&](const auto& entry) {
    return std::none_of(queries.begin(), queries.end(), [&](const FactQuery& query) {
      return query.name == entry.first.name && query.expr == entry.first.expr;
    });
  });
  std::vector<Fact> out;
  std::set<std::tuple<std::string, std::string, std::string>> identities;
  for (const auto& [key, entry] : entries_)
    if (entry.held && identities.emplace(key.name, key.entity, key.object).second)
      out.push_back(entry.fact);
  return out;
}

std::string HeldFacts::Checkpoint(Time tick) const {
  json facts = json::array();
  for (const auto& [key, entry] : entries_) {
    const auto& fact = entry.fact;
    facts.push_back({{"name", fact.name},
                     {"expr", key.expr},
                     {"entity", fact.entity},
                     {"object", fact.object},
                     {"summary", fact.summary},
                     {"severity", ToString(fact.severity)},
                     {"labels", PairsToJson(fact.labels)},
                     {"details", PairsToJson(fact.details)},
                     {"since", UnixMillis(fact.since)},
                     {"held", entry.held}});
  }
  return json{{"version", 1}, {"tick", UnixMillis(tick)}, {"facts", std::move(facts)}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

Result<void> HeldFacts::Restore(std::string_view checkpoint) {
  const auto root = json::parse(checkpoint, nullptr, false);
  const auto field = [&](const char* key) {
    const auto it = root.is_object() ? root.find(key) : root.end();
    return root.is_object() && it != root.end() ? *it : json();
  };
  const auto facts = field("facts"), tick = field("tick");
  if (field("version") != 1 || !facts.is_array() || !tick.is_number_integer() ||
      facts.size() > kMaxRestored)
    return Corruption("the prometheus collector's checkpoint cannot be read");
  entries_.clear();
  for (const auto& item : facts) {
    auto fact = item.is_object() ? FactFromJson(item) : std::nullopt;
    if (!fact) continue;
    const auto held = item.find("held");
    const bool was_held = held != item.end() && held->is_boolean() && held->get<bool>();
    Key key{fact->name, TextAt(item, "expr"), fact->entity, fact->object};
    entries_.insert_or_assign(std::move(key), Entry{std::move(*fact), was_held});
  }
  restored_at_ = FromUnixMillis(tick.get<std::int64_t>());
  return {};
}

}  // namespace aiops::prom
