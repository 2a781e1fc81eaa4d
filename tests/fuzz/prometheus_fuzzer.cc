// Answers of /api/v1/query and query_range. The first byte chooses status and kind, the rest is the
// body.
#include <algorithm>

#include "base/result.h"
#include "collect/prometheus/answer.h"
#include "text/sanitize.h"

namespace {

constexpr int kStatus[] = {200, 400, 422, 503};
constexpr size_t kMaxSeries = 16;

void CheckLabels(const aiops::Labels& labels) {
  AIOPS_CHECK(std::is_sorted(labels.begin(), labels.end()));
  for (const auto& [name, value] : labels) {
    AIOPS_CHECK(name != "__name__" && !value.empty());
    AIOPS_CHECK(aiops::IsValidUtf8(name) && aiops::IsValidUtf8(value));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size == 0) return 0;
  aiops::HttpResponse response;
  response.status = kStatus[data[0] % 4];
  response.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] & 4) {
    const auto answer = aiops::prom::ParseRangeAnswer(response, kMaxSeries);
    if (!answer) return 0;
    AIOPS_CHECK(answer->series.size() <= kMaxSeries && answer->warnings.size() <= 10);
    for (const auto& series : answer->series) CheckLabels(series.labels);
    return 0;
  }
  const auto answer = aiops::prom::ParseAnswer(response, kMaxSeries);
  if (!answer) {
    AIOPS_CHECK(aiops::IsValidUtf8(answer.error().message));
    return 0;
  }
  AIOPS_CHECK(answer->series.size() <= kMaxSeries && answer->warnings.size() <= 10);
  for (const auto& series : answer->series) {
    CheckLabels(series.labels);
    AIOPS_CHECK(!std::isinf(series.value));
  }
  for (const auto& warning : answer->warnings) AIOPS_CHECK(aiops::IsValidUtf8(warning));
  return 0;
}
