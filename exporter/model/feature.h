// What is measured: features, and the scopes in which they are judged together.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace aiops {

// Which deviation is bad.
enum class Direction { kUp, kDown, kBoth };
std::string_view ToString(Direction direction);  // "up", "down", "both"

// One number with a name, a unit and a direction.
struct Feature {
  std::string name;  // [a-z][a-z0-9_]*
  std::string unit;  // as people read it: "%", "B/s", "requests/s", "" for ratios and counts
  std::string help;  // one sentence
  Direction direction = Direction::kBoth;
  std::string source;  // the collector's name: "nginx_log", "prometheus", "docker", "host"
  std::string expr;    // how that source knows it: a PromQL expression, or the source's own name
  double min_deviation = 0;  // smaller deviations from expected never count, in the feature's unit
  double min_relative_deviation = 0;  // nor those smaller than this share of the expected
  // A ratio or a mean over few events says nothing: below min_count of them in an interval it is
  // not judged. counted_by is the scope's feature, a rate per second, that counts them; empty:
  // nothing.
  double min_count = 0;
  std::string counted_by;
  // What it can be at all; a value outside is no value.
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool absent_is_zero = false;  // an answer without it says 0, where the source can tell
};

// A named set of features that are judged together, with its own entities, model and interval.
struct Scope {
  std::string name;
  Duration interval{};                     // a whole multiple of the base tick
  std::vector<std::string> entity_labels;  // labels of a result that name the entity; empty: one
  std::vector<Feature> features;
};

// Where a number belongs: indices into the configured scopes.
struct FeatureRef {
  std::uint32_t scope = 0;
  std::uint32_t feature = 0;
  bool operator==(const FeatureRef&) const = default;
};

// Changes when the names or the order of the features change: saved vectors carry it.
std::uint64_t SchemaHash(const Scope& scope);

}  // namespace aiops
