// HeldFacts: since when facts hold, over ticks and restarts.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "collect/prometheus/fact_query.h"
#include "model/fact.h"

namespace aiops::prom {

// A fact is pending from the first tick at which its query returned it, and held once that has
// lasted for FactQuery::hold. A query that cannot be asked changes nothing: what cannot be seen has
// not ended.
//
// Not thread-safe.
class HeldFacts {
 public:
  // The query's facts at this tick. Incomplete: those that are not seen have not ended.
  void Update(const FactQuery& query, std::vector<Fact> seen, bool complete, Time tick);

  // Those that have held long enough, with `since`; one of each name, entity and object.
  std::vector<Fact> Held(const std::vector<FactQuery>& queries, Time tick);

  // JSON. Restore() replaces everything, or fails with corruption and changes nothing. After a gap
  // of more than ten minutes pending facts begin anew; held ones go on.
  std::string Checkpoint(Time tick) const;
  Result<void> Restore(std::string_view checkpoint);

 private:
  struct Key {
    std::string name, expr, entity, object;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    Fact fact;
    bool held = false;
  };

  void ForgetPendingAfterGap(Time tick);

  std::map<Key, Entry> entries_;
  std::optional<Time> restored_at_;  // until the first tick after it
};

}  // namespace aiops::prom
