// Exposition: metric families as text that Prometheus reads, in both of its formats.
//
// Nothing in a family can break the page: label values and help are made valid UTF-8, capped and
// escaped, labels with an impossible or repeated name are left out, and so is a second series with
// the same labels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace aiops {

enum class ExpositionFormat { kText, kOpenMetrics };

// OpenMetrics 1.0.0 if the Accept header ranks it at least as high as plain text, else the text
// format 0.0.4, which everybody reads.
ExpositionFormat NegotiateExposition(std::string_view accept);

std::string_view ContentType(ExpositionFormat format);

// Counters, gauges and untyped families; others are left out, for we have none. Families without
// series are left out. OpenMetrics takes the unit from the end of the name (_seconds, _bytes,
// _ratio).
std::string RenderExposition(const std::vector<prometheus::MetricFamily>& families,
                             ExpositionFormat format);

}  // namespace aiops
