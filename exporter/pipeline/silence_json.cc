#include "pipeline/silence_json.h"

#include <nlohmann/json.hpp>

namespace aiops {

nlohmann::ordered_json SilenceJson(const Silence& s) {
  using Json = nlohmann::ordered_json;
  const auto text = [](const std::string& t) { return t.empty() ? Json(nullptr) : Json(t); };
  return {{"id", s.id},
          {"kind", ToString(s.kind)},
          {"scope", text(s.scope)},
          {"entity", text(s.entity)},
          {"starts_at", FormatTime(s.starts_at)},
          {"ends_at", FormatTime(s.ends_at)},
          {"by", text(s.by)},
          {"why", text(s.why)}};
}

}  // namespace aiops
