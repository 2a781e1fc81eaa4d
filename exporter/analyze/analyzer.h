// Analyzer: words a root cause from evidence. It enriches a message and never delays one.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "base/result.h"
#include "config/section.h"
#include "model/anomaly.h"
#include "model/evidence.h"
#include "net/http_client.h"

namespace aiops {

// Owned and called by one thread.
class Analyzer {
 public:
  virtual ~Analyzer() = default;
  virtual Result<Analysis> Analyze(const Anomaly& anomaly, const Evidence& evidence,
                                   std::stop_token stop) = 0;
};

struct AnalyzerDescriptor {
  const char* name;  // and the key under `analyze:`
  const char* help;
  std::function<std::unique_ptr<Analyzer>(const Section&, HttpClient&)> make;
};

// Every analyzer that was linked in, by name.
const std::vector<const AnalyzerDescriptor*>& AllAnalyzers();

}  // namespace aiops
