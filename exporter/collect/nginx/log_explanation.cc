#include "collect/nginx/log_explanation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text/human_number.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMostAsked = 3;
constexpr size_t kMostChanged = 3;
constexpr size_t kMaxSentence = 300;

std::uint64_t Errors(const RequestCounts& counts) { return counts.errors_4xx + counts.errors_5xx; }

double Share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

// The two stretches of time side by side.
class Comparison {
 public:
  Comparison(const LogEvidence& evidence, Window window)
      : now_(evidence.Summarize(window)),
        span_(window.to - window.from),
        time_(window.to),
        before_(evidence.Summarize({window.from - span_, window.from})),
        comparable_(evidence.since() && *evidence.since() <= window.from - span_) {}

  Evidence Tell() {
    if (now_.all.requests == 0 && before_.all.requests == 0) return {};
    TellAll();
    TellTop(now_.paths, before_.paths, [](const std::string& key) { return "Path " + key; });
    TellNetworks();
    TellShares("Methods", kMethods, now_.methods, before_.methods);
    TellAgents();
    TellTimes();
    return std::move(out_);
  }

 private:
  using Counts = std::map<std::string, RequestCounts>;

  void Say(const std::string& sentence) {
    out_.push_back({"E" + std::to_string(out_.size() + 1), "nginx_log", time_,
                    Sanitize(sentence, kMaxSentence)});
  }
  // "12 (3 before)"
  std::string Versus(const std::string& now, const std::string& before) const {
    return comparable_ ? now + " (" + before + " before)" : now;
  }
  std::string Count(std::uint64_t now, std::uint64_t before, bool exact = true) const {
    return (exact ? "" : "at least ") + Versus(std::to_string(now), std::to_string(before));
  }
  std::string Percent(double now, double before) const {
    return Versus(HumanNumber(100 * now, "%"), HumanNumber(100 * before, "%"));
  }

  void TellAll() {
    const auto& [now, before] = std::pair(now_.all, before_.all);
    Say("There were " + Count(now.requests, before.requests) + " requests in " +
        FormatDuration(span_) + "; answered with 4xx: " +
        Percent(Share(now.errors_4xx, now.requests), Share(before.errors_4xx, before.requests)) +
        ", with 5xx: " +
        Percent(Share(now.errors_5xx, now.requests), Share(before.errors_5xx, before.requests)) +
        (comparable_ ? "." : ". Of the time before not all is known."));
  }

  // The most asked for, and those with the most new errors.
  template <class Name>
  void TellTop(const Counts& now, const Counts& before, Name name) {
    struct Row {
      const std::string* key;
      RequestCounts now, before;
      std::uint64_t NewErrors() const {
        return Errors(now) - std::min(Errors(now), Errors(before));
      }
    };
    std::vector<Row> rows;
    for (const auto& [key, counts] : now) {
      const auto earlier = before.find(key);
      rows.push_back({&key, counts, earlier == before.end() ? RequestCounts{} : earlier->second});
    }
    const auto asked = std::min(kMostAsked, rows.size());
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.now.requests > b.now.requests; });
    const auto rest = rows.begin() + static_cast<std::ptrdiff_t>(asked);
    std::stable_sort(rest, rows.end(),
                     [](const Row& a, const Row& b) { return a.NewErrors() > b.NewErrors(); });
    for (size_t i = 0; i < std::min(asked + kMostChanged, rows.size()); ++i) {
      const Row& row = rows[i];
      if (i >= asked && row.NewErrors() == 0) break;
      Say(name(*row.key) + ": " +
          Count(row.now.requests, row.before.requests, row.now.exact && row.before.exact) +
          " requests, " + Count(row.now.errors_4xx, row.before.errors_4xx) + " with 4xx, " +
          Count(row.now.errors_5xx, row.before.errors_5xx) + " with 5xx.");
    }
  }

  void TellNetworks() {
    const bool known = now_.networks.size() > 1 || !now_.networks.contains("");
    if (!known) return;
    TellTop(now_.networks, before_.networks,
            [](const std::string& key) { return "Clients in " + ClientNetwork::Name(key); });
  }

  // Those whose shares changed most.
  template <class Names, size_t N>
  void TellShares(const std::string& what, const Names& names,
                  const std::array<std::uint64_t, N>& now,
                  const std::array<std::uint64_t, N>& before) {
    struct Row {
      std::string_view name;
      double now, before;
    };
    std::vector<Row> rows;
    for (size_t i = 0; i < N; ++i) {
      if (now[i] == 0 && before[i] == 0) continue;
      rows.push_back(
          {names[i], Share(now[i], now_.all.requests), Share(before[i], before_.all.requests)});
    }
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
      const auto change = [&](const Row& r) {
        return comparable_ ? std::abs(r.now - r.before) : r.now;
      };
      return change(a) > change(b);
    });
    std::string list;
    for (size_t i = 0; i < std::min(kMostChanged, rows.size()); ++i) {
      list += (i == 0 ? " " : ", ") + std::string(rows[i].name) + " " +
              Percent(rows[i].now, rows[i].before);
    }
    Say(what + ":" + list + ".");
  }

  void TellAgents() {
    const auto none = static_cast<size_t>(AgentFamily::kNone);
    // A log without user agents.
    if (now_.agents[none] == now_.all.requests && before_.agents[none] == before_.all.requests)
      return;
    std::array<std::string_view, kAgentFamilyCount> names;
    for (size_t i = 0; i < names.size(); ++i) names[i] = ToString(static_cast<AgentFamily>(i));
    TellShares("User agents", names, now_.agents, before_.agents);
  }

  void TellTimes() {
    if (now_.request_times.count() == 0) return;
    const auto at = [&](double q) {
      return Versus(HumanNumber(now_.request_times.Quantile(q), "s"),
                    HumanNumber(before_.request_times.Quantile(q), "s"));
    };
    Say("Request time: p50 " + at(0.5) + ", p95 " + at(0.95) + ".");
  }

  const RequestSummary now_;
  const Duration span_;
  const Time time_;
  const RequestSummary before_;
  const bool comparable_;
  Evidence out_;
};

}  // namespace

Evidence ExplainRequests(const LogEvidence& evidence, Window window) {
  if (window.to <= window.from) return {};
  return Comparison(evidence, window).Tell();
}

}  // namespace aiops
