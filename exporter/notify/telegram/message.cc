#include "notify/telegram/message.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "model/band.h"
#include "text/html.h"
#include "text/human_number.h"
#include "text/utf16.h"

namespace aiops::telegram {
namespace {

constexpr size_t kMostFeatures = 3;
constexpr size_t kMostSteps = 5;
constexpr size_t kRoomForCount = 200;  // units that a digest keeps for what did not fit

constexpr bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

// U+2060 behind every sign that Telegram could begin or join a link, mention, command or hashtag
// with.
std::string Unlinked(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    const bool sign = std::string_view("@#/.:$").find(text[i]) != std::string_view::npos;
    if (sign && i + 1 < text.size() && (IsWordByte(text[i + 1]) || text[i + 1] == '/'))
      out += "\u2060";
  }
  return out;
}

std::string Bold(const std::string& html) { return "<b>" + html + "</b>"; }

// "03:02" of today, else "2026-11-23 03:02".
std::string Clock(Time time, const MessageContext& context) {
  constexpr size_t kDate = 4, kHour = 15;  // in "Mon 2026-11-23 03:02"
  const std::string text = context.zone.Format(time);
  const std::string today = context.zone.Format(context.now);
  const bool same_day = text.substr(0, kHour) == today.substr(0, kHour);
  return text.substr(same_day ? kHour : kDate);
}

bool IsOpen(const Anomaly& a) { return a.state == AnomalyState::kOpen; }
bool IsCritical(const Anomaly& a) { return a.severity == Severity::kCritical; }

bool AnyOf(const std::vector<Anomaly>& anomalies, bool (*is)(const Anomaly&)) {
  return std::any_of(anomalies.begin(), anomalies.end(), is);
}

const char* Mark(const std::vector<Anomaly>& anomalies) {
  if (!AnyOf(anomalies, IsOpen)) return "🟢";
  return AnyOf(anomalies, IsCritical) ? "🔴" : "🟡";
}

std::string FeatureLine(const Anomaly& a) {
  std::string out;
  for (const Contribution& c : Deviating(a.contributions, kMostFeatures)) {
    const std::string band = BandText(c.lower, c.upper, c.unit);
    out += (out.empty() ? "" : " · ") + Plain(c.feature) + " " +
           Bold(Html(HumanNumber(c.value, c.unit))) +
           (band.empty() ? "" : ", usually " + Html(band));
  }
  return out.empty() ? Plain(CombinationText(a.contributions, kMostFeatures)) : out;
}

// "cpu_percent and latency unusual"; of a fact its sentence.
std::string Title(const Anomaly& a) {
  if (a.kind == AnomalyKind::kFact) return Plain(a.summary.empty() ? a.fact : a.summary);
  const auto named = Deviating(a.contributions, 2);
  std::string out;
  for (const Contribution& c : named) out += (out.empty() ? "" : " and ") + Plain(c.feature);
  if (out.empty() && SpeaksAlone(a.contributions)) out = Plain(a.contributions.front().feature);
  return out.empty() ? "an unusual combination" : out + " unusual";
}

// What names the conversation: the gravest, of those a fact, of those the first.
const Anomaly& Head(const std::vector<Anomaly>& anomalies) {
  return *std::min_element(anomalies.begin(), anomalies.end(),
                           [](const Anomaly& a, const Anomaly& b) {
                             if (IsCritical(a) != IsCritical(b)) return IsCritical(a);
                             return a.kind == AnomalyKind::kFact && b.kind != AnomalyKind::kFact;
                           });
}

std::string Span(const std::vector<Anomaly>& anomalies, const MessageContext& context) {
  Time began = anomalies.front().started_at;
  Time ended = began;
  for (const Anomaly& a : anomalies) {
    began = std::min(began, a.started_at);
    ended = std::max(ended, a.ended_at.value_or(a.last_seen_at));
  }
  if (AnyOf(anomalies, IsOpen)) return "since " + Clock(began, context) + ", ongoing";
  const Duration lasted = FloorTo(Time(ended - began), minutes(1)).time_since_epoch();
  return Clock(began, context) + "–" + Clock(ended, context) + " (" +
         (lasted == Duration(0) ? "under 1m" : FormatDuration(lasted)) + ")";
}

std::string Steps(std::vector<Anomaly> anomalies, const MessageContext& context) {
  if (anomalies.size() < 2) return "";
  std::stable_sort(anomalies.begin(), anomalies.end(),
                   [](const Anomaly& a, const Anomaly& b) { return a.started_at < b.started_at; });
  std::string out;
  for (size_t i = 0; i < std::min(anomalies.size(), kMostSteps); ++i)
    out += (i == 0 ? "In order: " : " · ") + Clock(anomalies[i].started_at, context) + " " +
           Title(anomalies[i]);
  if (anomalies.size() > kMostSteps)
    out += " · and " + std::to_string(anomalies.size() - kMostSteps) + " more";
  return out;
}

std::string Cause(const Anomaly& a) {
  const auto json = nlohmann::json::parse(a.root_cause, nullptr, false);
  if (!json.is_object()) return "";
  const auto found = json.find("root_cause");
  return found != json.end() && found->is_string() ? Plain(found->get<std::string>(), 600) : "";
}

std::string Foot(const std::vector<Anomaly>& anomalies, const MessageContext& context) {
  std::string ids;
  for (const Anomaly& a : anomalies) {
    ids += (ids.empty() ? "" : " · ") + ("No. " + std::to_string(a.id));
    ids += a.kind == AnomalyKind::kFact ? ", a known fact"
           : IsMissing(a.score)         ? ""
                                        : ", score " + ScoreText(a.score) + " (alert at 1)";
    if (ids.size() > 300) break;
  }
  if (context.external_url.empty()) return ids;
  return ids + " · <a href=\"" + Html(context.external_url, 400) + "/\">details</a>";
}

std::string AcknowledgedBy(const std::vector<Anomaly>& anomalies, const MessageContext& context) {
  for (const Anomaly& a : anomalies)
    if (a.acknowledged_at)
      return "👀 " + Plain(a.acknowledged_by, 100) + ", " + Clock(*a.acknowledged_at, context) +
             (a.acknowledged_why.empty() ? "" : ": " + Plain(a.acknowledged_why));
  return "";
}

// Lines that are not empty, one below the other, as many as fit.
std::string Lines(const std::vector<std::string>& lines) {
  std::string out;
  size_t units = 0;
  for (const std::string& line : lines) {
    units += 1 + Utf16Length(WithoutMarkup(line));
    if (line.empty() || units > kMaxUnits) continue;
    out += (out.empty() ? "" : "\n") + line;
  }
  return out;
}

}  // namespace

std::string Plain(std::string_view text, size_t max_bytes) {
  return Html(Unlinked(Sanitize(text, max_bytes)), 4 * max_bytes);
}

std::string WithoutMarkup(std::string_view html) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
  std::string out;
  for (size_t i = 0; i < html.size();) {
    if (html[i] == '<') {
      i = std::min(html.find('>', i), html.size() - 1) + 1;
      continue;
    }
    const auto* entity =
        std::find_if(std::begin(kEntities), std::end(kEntities),
                     [&](const auto& e) { return html.substr(i).starts_with(e.first); });
    const bool found = entity != std::end(kEntities);
    out += found ? entity->second : html[i];
    i += found ? entity->first.size() : 1;
  }
  return out;
}

std::string TellConversation(const std::vector<Anomaly>& anomalies, const MessageContext& context) {
  const Anomaly& head = Head(anomalies);
  std::vector<std::string> lines{std::string(Mark(anomalies)) + " " +
                                 Bold(Plain(head.key.entity, 100) + ": " + Title(head)) + " · " +
                                 Span(anomalies, context)};
  lines.push_back(AcknowledgedBy(anomalies, context));
  for (const Anomaly& a : anomalies)
    if (a.kind == AnomalyKind::kLearned) lines.push_back(FeatureLine(a));
  lines.push_back(Steps(anomalies, context));
  for (const Anomaly& a : anomalies)
    if (const std::string cause = Cause(a); !cause.empty()) lines.push_back("Likely: " + cause);
  lines.push_back(Plain(head.group));
  lines.push_back(Foot(anomalies, context));
  return Lines(lines);
}

std::string TellDigest(const std::vector<Anomaly>& anomalies, const MessageContext& context) {
  std::vector<Anomaly> sorted = anomalies;
  std::stable_partition(sorted.begin(), sorted.end(), IsCritical);
  std::string out = std::string(AnyOf(sorted, IsCritical) ? "🔴 " : "🟡 ") +
                    Bold(std::to_string(sorted.size()) + " to know") + " · " +
                    Clock(context.now, context);
  size_t units = Utf16Length(WithoutMarkup(out)) + kRoomForCount;
  size_t told = 0;
  for (const Anomaly& a : sorted) {
    const std::string what = a.kind == AnomalyKind::kFact ? Title(a) : FeatureLine(a);
    const std::string line =
        "\n" + std::to_string(told + 1) + " · " + (IsCritical(a) && IsOpen(a) ? "🔴 " : "") +
        Bold(Plain(a.key.entity, 100)) + ": " + what + ", " + Span({a}, context);
    units += Utf16Length(WithoutMarkup(line));
    if (units > kMaxUnits) break;
    out += line;
    ++told;
  }
  if (told < sorted.size())
    out += "\nand " + std::to_string(sorted.size() - told) + " more: `aiopsctl anomalies`";
  if (!context.external_url.empty())
    out += "\n<a href=\"" + Html(context.external_url, 150) + "/\">details</a>";
  return out;
}

std::string TellEnd(const std::vector<Anomaly>& anomalies, const MessageContext& context) {
  return "🟢 " + Bold(Plain(anomalies.front().key.entity, 100) + ": over") + " · " +
         Span(anomalies, context);
}

}  // namespace aiops::telegram
