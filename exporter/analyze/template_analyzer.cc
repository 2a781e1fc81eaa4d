// The analyzer "template": one or two sentences from the anomaly and its evidence, always available
// and always the same for the same input.
#include <algorithm>

#include "analyze/analyzer.h"
#include "model/band.h"
#include "text/human_number.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMainContributions = 3;
constexpr size_t kMaxSentenceBytes = 400;

std::string Sentence(std::string_view text) {
  auto out = Sanitize(text, kMaxSentenceBytes);
  while (out.ends_with(' ')) out.pop_back();
  const bool ended = out.ends_with('.') || out.ends_with('!') || out.ends_with('?');
  if (!out.empty() && !ended && !out.ends_with("…")) out += '.';
  return out;
}

// "request_rate is 830 requests/s instead of 12 requests/s"
std::string Deviation(const Contribution& c) {
  auto out = c.feature + " is " + HumanNumber(c.value, c.unit);
  if (!IsMissing(c.expected)) out += " instead of " + HumanNumber(c.expected, c.unit);
  return out;
}

std::string OfFact(const Anomaly& anomaly) {
  if (!anomaly.summary.empty()) return Sentence(anomaly.summary);
  return Sentence(anomaly.fact + (anomaly.object.empty() ? "" : " of " + anomaly.object));
}

std::string OfLearned(const Anomaly& anomaly) {
  if (anomaly.contributions.empty()) return Sentence(anomaly.summary);
  const auto named = Deviating(anomaly.contributions, kMainContributions);
  if (named.empty()) return Sentence(CombinationText(anomaly.contributions, kMainContributions));
  std::string out;
  for (size_t i = 0; i < named.size(); ++i)
    out += (i == 0 ? "" : i + 1 == named.size() ? " and " : ", ") + Deviation(named[i]);
  return Sentence(out);
}

class TemplateAnalyzer final : public Analyzer {
 public:
  Result<Analysis> Analyze(const Anomaly& anomaly, const Evidence& evidence,
                           std::stop_token stop) override {
    if (stop.stop_requested()) return Cancelled("stopped");
    Analysis analysis;
    analysis.worded_by = "template";
    analysis.root_cause = anomaly.kind == AnomalyKind::kFact ? OfFact(anomaly) : OfLearned(anomaly);
    if (analysis.root_cause.empty()) analysis.root_cause = "Unusual values without a main cause.";
    if (evidence.empty()) return analysis;
    analysis.root_cause += " " + Sentence(evidence.front().text);
    analysis.evidence = {evidence.front().id};
    return analysis;
  }
};

std::unique_ptr<Analyzer> Make(const Section&, HttpClient&) {
  return std::make_unique<TemplateAnalyzer>();
}

}  // namespace

extern const AnalyzerDescriptor kTemplateAnalyzer;
const AnalyzerDescriptor kTemplateAnalyzer{
    .name = "template",
    .help = "A sentence from the anomaly and its evidence, without a model.",
    .make = Make,
};

}  // namespace aiops
