// One page of a list that was read from the store, newest first. For .cc files of this room, which
// include <nlohmann/json.hpp> themselves.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "web/http.h"
#include "web/json_values.h"
#include "web/params.h"

namespace aiops {

inline constexpr std::int64_t kListLimit = 100;
inline constexpr std::int64_t kMaxListLimit = 1000;

inline Param LimitParam() {
  return IntegerParam("limit", "At most so many.", kMaxListLimit, kListLimit);
}
inline size_t LimitOf(const WebRequest& request) {
  return static_cast<size_t>(IntegerOf(request, "limit").value_or(kListLimit));
}

// Of at most limit + 1 rows: one more tells that there is a next page. `json` makes one of a row.
template <class Row, class ToJson>
std::string PageJson(const char* member, const std::vector<Row>& rows, size_t limit, ToJson json) {
  Json list = Json::array();
  for (size_t i = 0; i < std::min(limit, rows.size()); ++i) list.push_back(json(rows[i]));
  const bool more = rows.size() > limit;
  const Json next = more ? Json(CursorOf(rows[limit - 1].id)) : Json(nullptr);
  return Dump({{member, list}, {"next", next}});
}

}  // namespace aiops
