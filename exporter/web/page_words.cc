#include "web/page_words.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "text/human_number.h"

namespace aiops {
namespace {

std::string PartOfName(std::string_view part) {
  static const std::map<std::string_view, std::string_view> kParts{
      {"avg", "average"}, {"cpu", "CPU"},     {"io", "I/O"}, {"ip", "IP"},
      {"ips", "IPs"},     {"rx", "received"}, {"tx", "sent"}};
  const auto it = kParts.find(part);
  return std::string(it == kParts.end() ? part : it->second);
}

bool InName(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string_view VerdictWords(Verdict verdict) {
  return verdict == Verdict::kLogOnly ? "slightly unusual" : ToString(verdict);
}

std::string_view MarkWords(Mark mark) {
  return mark == Mark::kReal ? "a real problem" : ToString(mark);
}

std::string NameWords(std::string_view name) {
  constexpr std::string_view kPercent = "_percent";  // its unit says so
  if (name.ends_with(kPercent)) name.remove_suffix(kPercent.size());
  std::string out;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('_', begin), name.size());
    out += (begin == 0 ? "" : " ") + PartOfName(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string PartWords(const std::string& name) {
  static const std::map<std::string, std::string> kParts{
      {"host", "This machine"},
      {"nginx_log", "Nginx log"},
      {"prometheus", "Prometheus"},
      {"docker", "Docker"},
      {"history", "History"},
      {"collect", "Collecting"},
      {"detect", "Judging"},
      {"train", "Training"},
      {"retention", "Deleting old data"},
      {"database", "Database"},
      {"log_only", std::string(VerdictWords(Verdict::kLogOnly))}};
  const auto it = kParts.find(name);
  return it == kParts.end() ? NameWords(name) : it->second;
}

std::string Worded(std::string_view sentence, const std::set<std::string>& names) {
  std::string out;
  for (size_t begin = 0; begin < sentence.size();) {
    size_t end = begin;
    while (end < sentence.size() && InName(sentence[end])) ++end;
    if (end == begin) {
      out += sentence[begin++];
      continue;
    }
    const std::string word(sentence.substr(begin, end - begin));
    out += names.contains(word) ? PartWords(word) : word;
    begin = end;
  }
  return out;
}

std::string SpanWords(Duration duration) {
  const std::int64_t s = std::abs(std::chrono::duration_cast<seconds>(duration).count());
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " min";
  if (s >= 86400) return CountText(static_cast<size_t>(s / 86400), "day");
  const std::int64_t rest = s % 3600 / 60;
  return std::to_string(s / 3600) + " h" + (rest == 0 ? "" : " " + std::to_string(rest) + " min");
}

std::string AgoWords(std::optional<Time> time, Time now) {
  if (!time || *time == Time{}) return "never";
  if (*time - now >= seconds(1)) return "in " + SpanWords(*time - now);
  return now - *time < seconds(1) ? "now" : SpanWords(now - *time) + " ago";
}

}  // namespace aiops
