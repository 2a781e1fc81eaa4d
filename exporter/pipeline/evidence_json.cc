#include "pipeline/evidence_json.h"

#include <nlohmann/json.hpp>

namespace aiops {

std::string EvidenceJson(const Fact& fact) {
  if (fact.details.empty()) return "";
  auto items = nlohmann::ordered_json::array();
  for (const auto& [name, value] : fact.details) {
    nlohmann::ordered_json item{{"id", "E" + std::to_string(items.size() + 1)}};
    if (fact.since != Time{}) item["time"] = FormatTime(fact.since);
    item["text"] = name + ": " + value;
    items.push_back(std::move(item));
  }
  return items.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace aiops
