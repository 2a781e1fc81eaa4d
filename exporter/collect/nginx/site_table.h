// SiteTable: which sites have numbers of their own, when entities are made of them.
//
// A Host header is chosen by strangers, so a name alone makes no site: only an answer with 2xx or
// 3xx does, or the configuration. At most kMaxSites are known at a time; what belongs to none of
// them is counted as the site "other". A site that nobody asked for a day is forgotten.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "collect/nginx/log_entry.h"
#include "config/section.h"

namespace aiops {

using SiteId = std::uint16_t;
inline constexpr SiteId kOtherSite = 0;
inline constexpr size_t kMaxSites = 256;

struct SiteOptions {
  bool entities = false;          // make an entity of each site
  std::vector<std::string> only;  // clean names; empty: all that answer
};
SiteOptions ReadSiteOptions(const Section& section);

// Lower case, sanitised, at most 128 bytes: "Shop.Example" -> "shop.example".
std::string CleanSiteName(std::string_view raw);

struct KnownSite {
  std::string name;
  Time since;  // the first request that was counted for it
  Time last;
};

// Not thread-safe.
class SiteTable {
 public:
  explicit SiteTable(SiteOptions options);

  // Whose request this is, and that it was asked now. `fallback` names the site if the entry does
  // not. Nullopt if no entities are made of sites.
  std::optional<SiteId> Note(const LogEntry& entry, std::string_view fallback);
  // Those that have been asked within a day before `now`; the others make room.
  void ForgetQuiet(Time now);

  // By id. kOtherSite is among them once something was counted for it.
  std::vector<std::pair<SiteId, KnownSite>> sites() const;
  // Requests that are in "other" only because kMaxSites were known.
  std::uint64_t refused() const { return refused_; }

  // For Restore; false beyond the bounds. A site that the configuration does not name any more is
  // taken: its requests were counted.
  bool Put(SiteId id, KnownSite site);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  SiteId Resolve(const LogEntry& entry, std::string_view raw);
  SiteId Admit(const LogEntry& entry, std::string name);

  SiteOptions options_;
  std::array<std::optional<KnownSite>, kMaxSites + 1> sites_;
  std::unordered_map<std::string, SiteId, Hash, std::equal_to<>> ids_;  // without kOtherSite
  std::uint64_t refused_ = 0;
};

}  // namespace aiops
