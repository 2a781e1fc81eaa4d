// Facts by PromQL: a fact holds for every series of its query's result.
#pragma once

#include <string>
#include <vector>

#include "collect/collector.h"
#include "collect/prometheus/answer.h"

namespace aiops::prom {

struct FactQuery {
  std::string name;
  std::string expr;
  Severity severity = Severity::kWarning;
  Duration hold{};                                   // must have held for so long
  Fact (*describe)(const Series& series) = nullptr;  // object and summary; null: of the labels
};

struct BuiltInFacts {
  bool targets_down = true;
  bool filesystems = false;
};

// The queries of the built-in facts that are switched on; may hold $window.
std::vector<FactQuery> BuiltInFactQueries(const BuiltInFacts& wanted);
// What they can report, for the descriptor.
std::vector<FactInfo> BuiltInFactInfos();

// The fact that one series of the result tells. `entity_label`: the label whose value names the
// entity; empty, or a series without it: the default entity. `since` is left to HeldFacts.
Fact MakeFact(const FactQuery& query, const Series& series, const std::string& entity_label);

}  // namespace aiops::prom
