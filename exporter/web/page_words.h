// The words in which the page of /status says names and numbers: those of page/words.js.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/anomaly.h"
#include "model/verdict.h"

namespace aiops {

std::string_view VerdictWords(Verdict verdict);  // "slightly unusual"
std::string_view MarkWords(Mark mark);           // "a real problem", "expected"; empty: none
// "network_rx" -> "network received", "cpu_percent" -> "CPU".
std::string NameWords(std::string_view name);
// Of a source or job: "nginx_log" -> "Nginx log", "detect" -> "Judging"; else as any name.
std::string PartWords(const std::string& name);
// The sentence with these names of the daemon's as words.
std::string Worded(std::string_view sentence, const std::set<std::string>& names);

std::string SpanWords(Duration duration);  // "12 s", "4 min", "2 h 5 min", "3 days"
// "4 min ago", "in 12 s", "now", "never".
std::string AgoWords(std::optional<Time> time, Time now);

}  // namespace aiops
