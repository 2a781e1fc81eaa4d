#include "web/page_words.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <map>

#include "text/human_number.h"

namespace aiops {
namespace {

constexpr double kTiny = 1e-4;  // of less nobody wants to know how little

std::string PartOfName(std::string_view part) {
  static const std::map<std::string_view, std::string_view> kParts{
      {"avg", "average"}, {"cpu", "CPU"},     {"io", "I/O"}, {"ip", "IP"},
      {"ips", "IPs"},     {"rx", "received"}, {"tx", "sent"}};
  const auto it = kParts.find(part);
  return std::string(it == kParts.end() ? part : it->second);
}

std::string Tiny(bool negative) { return negative ? ">-0.0001" : "<0.0001"; }

// How long the number is with which the text begins, if it has a negative power of ten; else 0.
size_t TinyNumber(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  const size_t first = text.starts_with('-') ? 1 : 0;
  if (first >= text.size() || kDigits.find(text[first]) == std::string_view::npos) return 0;
  const size_t e = text.find_first_not_of("0123456789.", first);
  if (e == std::string_view::npos || !text.substr(e).starts_with("e-")) return 0;
  const size_t end = std::min(text.find_first_not_of(kDigits, e + 2), text.size());
  return end == e + 2 ? 0 : end;
}

bool InName(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; }

// Of hosts and versions, too: "node-1e-05" is no number.
bool InWord(char c) { return InName(c) || c == '-' || c == '.'; }

std::string Count(std::int64_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

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
    const bool starts = begin == 0 || !InWord(sentence[begin - 1]);
    if (const size_t length = TinyNumber(sentence.substr(begin)); starts && length != 0) {
      out += Tiny(sentence[begin] == '-');
      begin += length;
      continue;
    }
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
  if (s >= 86400) return Count(s / 86400, "day");
  const std::int64_t rest = s % 3600 / 60;
  return std::to_string(s / 3600) + " h" + (rest == 0 ? "" : " " + std::to_string(rest) + " min");
}

std::string AgoWords(std::optional<Time> time, Time now) {
  if (!time || *time == Time{}) return "never";
  if (*time - now >= seconds(1)) return "in " + SpanWords(*time - now);
  return now - *time < seconds(1) ? "now" : SpanWords(now - *time) + " ago";
}

std::string ScoreWords(double score) {
  if (IsMissing(score)) return "–";
  if (score != 0 && score < 0.01) return "<0.01";
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f", score);
  return text;
}

std::string ValueWords(double value, const std::string& unit) {
  if (IsMissing(value) || value == 0 || std::abs(value) >= kTiny) return HumanNumber(value, unit);
  const bool bytes = unit.starts_with("B") || unit.starts_with("bytes");
  if (bytes) return HumanNumber(value, unit);
  return Tiny(value < 0) + (unit.empty() ? "" : " " + unit);
}

}  // namespace aiops
