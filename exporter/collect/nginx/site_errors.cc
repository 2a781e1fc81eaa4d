#include "collect/nginx/site_errors.h"

#include <algorithm>
#include <utility>

#include "collect/nginx/path_template.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr size_t kMaxNameBytes = 128;

// Empty where the log does not say.
std::string TemplateOf(std::string_view path) {
  PathTemplate path_template;
  return std::string(path.empty() ? path : path_template.Of(path));
}

Fact ToFact(const std::string& site, const ErrorRun& run) {
  Fact fact;
  fact.name = "site_only_errors";
  fact.object = site;
  fact.severity = Severity::kCritical;
  fact.since = *run.since;
  fact.summary = site + " answered its last " + std::to_string(run.count) +
                 " requests with errors, the last with " + std::to_string(run.status);
  fact.details = {{"requests", std::to_string(run.count)},
                  {"last_status", std::to_string(run.status)}};
  if (!run.path.empty()) fact.details.emplace_back("last_path", run.path);
  return fact;
}

}  // namespace

ErrorRun& SiteErrors::RunOf(const std::string& site) {
  if (auto found = runs_.find(site); found != runs_.end()) return found->second;
  if (runs_.size() >= kMaxSites) {
    const auto oldest =
        std::min_element(runs_.begin(), runs_.end(), [](const auto& a, const auto& b) {
          return std::pair(a.second.since.has_value(), a.second.recent.back()) <
                 std::pair(b.second.since.has_value(), b.second.recent.back());
        });
    runs_.erase(oldest);
  }
  return runs_[site];
}

void SiteErrors::Add(std::string_view site, const LogEntry& entry) {
  const bool good = entry.status < 500;
  if (entry.status == 499 || (good && runs_.empty())) return;
  const std::string name = Sanitize(site, kMaxNameBytes);  // not for each line of a healthy log
  if (good) {
    runs_.erase(name);
    return;
  }
  ErrorRun& run = RunOf(name);
  if (!run.recent.empty() && entry.time > run.recent.back() + options_.window) run = {};
  if (run.count++ == 0) run.began = entry.time;
  // In the order of the log, which may differ by moments from that of the stamps.
  run.recent.push_back(run.recent.empty() ? entry.time : std::max(run.recent.back(), entry.time));
  if (run.recent.size() > options_.min_requests) run.recent.pop_front();
  run.status = entry.status;
  if (run.count <= options_.min_requests || run.count % 64 == 0) {
    run.path = TemplateOf(entry.path);  // not for each of a million errors
  }
}

std::vector<Fact> SiteErrors::Evaluate(Time now) {
  std::erase_if(runs_, [&](const auto& each) {
    return each.second.recent.empty() || each.second.recent.back() + options_.window <= now;
  });
  for (auto& [site, run] : runs_) {
    const bool enough = run.count >= options_.min_requests &&
                        run.recent.size() >= options_.min_requests &&
                        run.recent.front() + options_.window > now;
    if (!run.since && enough && run.began + options_.hold <= now) run.since = run.began;
  }
  return Holding();
}

std::vector<Fact> SiteErrors::Holding() const {
  std::vector<Fact> facts;
  for (const auto& [site, run] : runs_) {
    if (run.since) facts.push_back(ToFact(site, run));
  }
  return facts;
}

bool SiteErrors::Put(std::string site, ErrorRun run) {
  if (runs_.size() >= kMaxSites || run.recent.empty() || run.recent.size() > kMaxMinRequests) {
    return false;
  }
  while (run.recent.size() > options_.min_requests) run.recent.pop_front();
  run.path = TemplateOf(run.path);  // earlier versions stored the path itself
  return runs_.insert_or_assign(std::move(site), std::move(run)).second;
}

}  // namespace aiops
