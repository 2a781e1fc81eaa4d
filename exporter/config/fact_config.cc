#include <algorithm>
#include <set>

#include "config/readers.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr std::string_view kOff = "off";

FactPolicy MakePolicy(std::string name, const std::string& choice) {
  FactPolicy policy;
  policy.name = std::move(name);
  policy.enabled = choice != kOff;
  policy.severity = ParseSeverity(choice).value_or(Severity::kWarning);
  return policy;
}

// Of any name, where it is not known which exist.
std::vector<FactPolicy> ReadAnyPolicies(const Section& root) {
  std::vector<FactPolicy> policies;
  for (const auto& [name, choice] :
       root.StringMap("fact_policies", {.help = "Severity of built-in facts by name."})) {
    if (choice != kOff && !ParseSeverity(choice)) {
      root.Report("fact_policies." + name, Found(choice, "one of critical, warning, off"));
      continue;
    }
    policies.push_back(MakePolicy(name, choice));
  }
  return policies;
}

FactRule ReadRule(const Section& section) {
  FactRule rule;
  rule.name = section.String(
      "name", "", {.help = "Its name in snake case; tape_failed alerts as AiopsTapeFailed."});
  rule.expr = section.String("expr", "",
                             {.help = "PromQL; the fact holds for every series of the result."});
  rule.severity = ParseSeverity(section.Choice("severity", "warning", {"critical", "warning"},
                                               {.help = "How grave it is."}))
                      .value_or(Severity::kWarning);
  rule.hold = section.Duration("for", Duration(0),
                               {.help = "How long the expression must hold before the fact does.",
                                .min = "0s",
                                .max = "7d"});
  if (!IsSafeName(rule.name)) section.Report("name", Found(rule.name, kSafeName));
  if (rule.expr.empty()) section.Report("expr", "found nothing, want a PromQL expression");
  return rule;
}

}  // namespace

std::vector<FactPolicy> ReadFactPolicies(const Section& root, const std::vector<FactInfo>& known) {
  if (known.empty()) return ReadAnyPolicies(root);
  const auto section = root.Child(
      "fact_policies", "The severity of built-in facts, which need no learning; off silences one.");
  std::vector<FactPolicy> policies;
  for (const auto& fact : known) {
    const auto choice = section.Choice(fact.name, ToString(fact.severity),
                                       {"critical", "warning", kOff}, {.help = fact.help});
    if (choice != ToString(fact.severity)) policies.push_back(MakePolicy(fact.name, choice));
  }
  return policies;
}

std::vector<FactRule> ReadFactRules(const Section& root, const std::vector<FactInfo>& known) {
  std::set<std::string> names;
  for (const auto& fact : known) names.insert(fact.name);
  std::vector<FactRule> rules;
  for (const auto& section : root.List("facts", "Your own facts, by PromQL.")) {
    rules.push_back(ReadRule(section));
    const auto& name = rules.back().name;
    if (!name.empty() && !names.insert(name).second)
      section.Report("name", Found(name, "a name that no other fact has"));
  }
  return rules;
}

}  // namespace aiops
