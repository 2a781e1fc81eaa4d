#include "collect/nginx/site_table.h"

#include <algorithm>

#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr std::string_view kOtherName = "other";
constexpr Duration kMaxQuiet = hours(24);

}  // namespace

std::string CleanSiteName(std::string_view raw) {
  std::string name = Sanitize(raw, 128);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

SiteTable::SiteTable(SiteOptions options) : options_(std::move(options)) {}

SiteId SiteTable::Admit(const LogEntry& entry, std::string name) {
  const bool answered = entry.status >= 200 && entry.status < 400;
  const bool wanted = options_.only.empty() ? answered
                                            : std::find(options_.only.begin(), options_.only.end(),
                                                        name) != options_.only.end();
  if (!wanted || name.empty() || name == kOtherName) return kOtherSite;
  if (ids_.size() >= kMaxSites) {
    ++refused_;
    return kOtherSite;
  }
  const auto free = std::find(sites_.begin() + 1, sites_.end(), std::nullopt);
  const auto id = static_cast<SiteId>(free - sites_.begin());
  *free = KnownSite{name, entry.time, entry.time};
  ids_.emplace(std::move(name), id);
  return id;
}

// A name that is known is clean: most lines need no copy of it.
SiteId SiteTable::Resolve(const LogEntry& entry, std::string_view raw) {
  if (const auto known = ids_.find(raw); known != ids_.end()) return known->second;
  std::string name = CleanSiteName(raw);
  if (const auto known = ids_.find(name); known != ids_.end()) return known->second;
  return Admit(entry, std::move(name));
}

std::optional<SiteId> SiteTable::Note(const LogEntry& entry, std::string_view fallback) {
  if (!options_.entities) return std::nullopt;
  const SiteId id = Resolve(entry, entry.site.empty() ? fallback : entry.site);
  auto& site = sites_[id];
  if (!site) site = KnownSite{std::string(kOtherName), entry.time, entry.time};
  site->since = std::min(site->since, entry.time);
  site->last = std::max(site->last, entry.time);
  return id;
}

void SiteTable::ForgetQuiet(Time now) {
  for (auto& site : sites_) {
    if (!site || site->last + kMaxQuiet > now) continue;
    ids_.erase(site->name);
    site.reset();
  }
}

std::vector<std::pair<SiteId, KnownSite>> SiteTable::sites() const {
  std::vector<std::pair<SiteId, KnownSite>> out;
  for (size_t id = 0; id < sites_.size(); ++id) {
    if (sites_[id]) out.emplace_back(static_cast<SiteId>(id), *sites_[id]);
  }
  return out;
}

bool SiteTable::Put(SiteId id, KnownSite site) {
  if (!options_.entities) return true;
  if (id >= sites_.size() || sites_[id] || site.last < site.since) return false;
  if ((id == kOtherSite) != (site.name == kOtherName)) return false;
  if (site.name.empty() || site.name != CleanSiteName(site.name)) return false;
  if (id != kOtherSite && !ids_.emplace(site.name, id).second) return false;
  sites_[id] = std::move(site);
  return true;
}

SiteOptions ReadSiteOptions(const Section& section) {
  SiteOptions options;
  options.entities = section.Bool(
      "entity_by_site", false,
      {.help = "Give each site ($server_name or $host, else the log's name) numbers of its own, in "
               "scopes whose entity_labels are [site]. At most 256 sites; only those that answered "
               "with 2xx or 3xx."});
  for (const auto& name : section.Strings(
           "sites", {},
           {.help = "With entity_by_site: the only sites that have numbers of their own. What "
                    "belongs to none of them is counted as other."})) {
    options.only.push_back(CleanSiteName(name));
  }
  if (options.only.size() > kMaxSites) section.Report("sites", "want at most 256 names");
  if (!options.only.empty() && !options.entities) {
    section.Report("sites", "means nothing without entity_by_site: true");
  }
  return options;
}

}  // namespace aiops
