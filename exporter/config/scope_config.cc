#include <algorithm>
#include <set>

#include "config/readers.h"
#include "config/values.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

struct ScopeReader {
  Duration collect_interval;
  bool prometheus;
  const std::vector<std::string>& sources;
};

Direction ReadDirection(const Section& section, Direction fallback) {
  const std::string text = section.Choice("direction", ToString(fallback), {"up", "down", "both"},
                                          {.help = "Which deviation from expected is bad."});
  return text == "up" ? Direction::kUp : text == "down" ? Direction::kDown : Direction::kBoth;
}

// What the source is asked for when the key is not given: machine features know their PromQL.
std::string DefaultExpr(const Feature& shipped, const std::string& source) {
  if (source == shipped.source) return shipped.expr;
  return source == "prometheus" ? ShippedPromql(shipped.name) : shipped.name;
}

void ReadRange(const Section& section, Feature& feature) {
  const auto range = section.Strings(
      "range", {},
      {.help = "Least and largest value that can be, such as [0, 100]; one beyond is taken for "
               "none."});
  if (range.empty()) return;
  const auto least = ValueType<double>::Parse(range.front());
  const auto most = ValueType<double>::Parse(range.back());
  if (range.size() != 2 || !least || !most || *least >= *most)
    return section.Report("range", Found("[" + Join(range, ", ") + "]",
                                         "two numbers in rising order, such as [0, 100]"));
  feature.least = *least;
  feature.most = *most;
}

// What holds a deviation back, besides its direction, and what is no value at all.
void ReadGates(const Section& section, const Feature& base, Feature& feature) {
  feature.min_deviation = section.Number(
      "min_deviation", base.min_deviation,
      {.help = "Smaller deviations from expected never count, in the feature's unit.", .min = "0"});
  feature.min_relative_deviation = section.Number(
      "min_relative_deviation", base.min_relative_deviation,
      {.help = "Nor do those smaller than this share of the expected value: 0.2 is a fifth.",
       .min = "0",
       .max = "1000"});
  feature.min_count = section.Number(
      "min_count", base.min_count,
      {.help = "For a ratio or a mean: over fewer events in an interval it is not judged.",
       .min = "0"});
  feature.counted_by = section.String(
      "counted_by", base.counted_by,
      {.help = "The scope's feature, a rate per second, that counts the events of min_count."});
  ReadRange(section, feature);
  feature.absent_is_zero =
      section.Choice(
          "absent", base.absent_is_zero ? "zero" : "missing", {"missing", "zero"},
          {.help = "What an empty answer of Prometheus means: that there is no value, or "
                   "0, as for a counter that has no series before its first event."}) == "zero";
}

Feature ReadFeature(const Section& section, const Feature& base, const ScopeReader& reader) {
  Feature feature = base;
  const std::vector<std::string_view> sources(reader.sources.begin(), reader.sources.end());
  feature.source =
      section.Choice("source", base.source, sources, {.help = "The collector that measures it."});
  feature.expr = section.String(
      "expr", DefaultExpr(base, feature.source),
      {.help = "How the source knows it: a PromQL expression, in which $window stands for 4 scrape "
               "intervals, or the source's own name for the feature."});
  feature.unit = Sanitize(
      section.String("unit", base.unit, {.help = "The unit, as people read it: %, B/s, s."}), 32);
  feature.help =
      Sanitize(section.String("help", base.help, {.help = "One sentence about it."}), 200);
  feature.direction = ReadDirection(section, base.direction);
  ReadGates(section, base, feature);
  if (feature.expr.empty()) section.Report("expr", "found nothing, want a PromQL expression");
  if (feature.help.empty()) feature.help = "The feature " + feature.name + ".";
  return feature;
}

void MergeFeature(Scope& scope, const std::string& name, const Section& section,
                  const ScopeReader& reader) {
  if (!IsSafeName(name) && name != "<name>") {
    section.Report("", Found(name, kSafeName));
    return;
  }
  const auto shipped = std::find_if(scope.features.begin(), scope.features.end(),
                                    [&](const Feature& f) { return f.name == name; });
  Feature base;
  base.name = name;
  base.source = "prometheus";
  if (shipped != scope.features.end()) base = *shipped;
  const bool enabled = section.Bool("enabled", true, {.help = "Whether it is part of the scope."});
  Feature feature = ReadFeature(section, base, reader);
  if (shipped == scope.features.end()) {
    if (enabled) scope.features.push_back(std::move(feature));
  } else if (enabled) {
    *shipped = std::move(feature);
  } else {
    scope.features.erase(shipped);
  }
}

std::vector<std::string> ReadEntityLabels(const Section& section) {
  auto labels = section.Strings(
      "entity_labels", {},
      {.help = "Labels of a result that name the entity. Empty: all belongs to one entity."});
  std::set<std::string> seen;
  for (const auto& label : labels) {
    if (!IsLabelName(label))
      section.Report("entity_labels", Found(label, "label names like instance"));
    else if (!seen.insert(label).second)
      section.Report("entity_labels", Found(label, "each label once"));
  }
  return labels;
}

// Without the one that counts the requests, the shipped ones are judged however few there were.
void CheckCounted(const Section& section, Scope& scope) {
  for (Feature& feature : scope.features) {
    if (feature.min_count == 0 && feature.counted_by.empty()) continue;
    const auto counts = [&](const Feature& f) { return f.name == feature.counted_by; };
    if (std::any_of(scope.features.begin(), scope.features.end(), counts)) continue;
    if (feature.counted_by == kShippedCounter) {
      feature.min_count = 0;
    } else {
      section.Report("features", Found(feature.counted_by, "in counted_by of " + feature.name +
                                                               " a feature of this scope"));
    }
  }
}

Scope ReadScope(const std::string& name, const Section& section, const ScopeReader& reader) {
  Scope scope;
  if (name == "server") scope = ShippedScope(reader.prometheus);
  scope.name = name;
  if (!IsSafeName(name)) section.Report("", Found(name, kSafeName));
  scope.interval = section.Duration(
      "interval", reader.collect_interval,
      {.help = "How often the scope is sampled; a whole multiple of collect.interval, which is the "
               "default.",
       .min = "1s",
       .max = "1d"});
  if (scope.interval % reader.collect_interval != Duration(0))
    section.Report("interval", Found(FormatDuration(scope.interval),
                                     "a whole multiple of collect.interval (" +
                                         FormatDuration(reader.collect_interval) + ")"));
  scope.entity_labels = ReadEntityLabels(section);
  for (const auto& [feature, keys] :
       section.Map("features",
                   "Features by name. In the scope server, shipped ones by their name: "
                   "only the keys that are given change."))
    MergeFeature(scope, feature, keys, reader);
  CheckCounted(section, scope);
  if (scope.features.empty()) section.Report("features", "found none, want at least one feature");
  return scope;
}

}  // namespace

std::vector<Scope> ReadScopes(const Section& root, Duration collect_interval, bool prometheus,
                              const std::vector<std::string>& sources) {
  const ScopeReader reader{collect_interval, prometheus, sources};
  std::vector<Scope> scopes;
  for (const auto& [name, section] :
       root.Map("scopes",
                "Sets of features that are judged together, by name. The default is the "
                "scope server with the eleven shipped features; naming any scope replaces "
                "it, and `server:` brings it back."))
    scopes.push_back(ReadScope(name, section, reader));
  if (!scopes.empty()) return scopes;
  scopes.push_back(ShippedScope(prometheus));
  scopes.back().interval = collect_interval;
  return scopes;
}

}  // namespace aiops
