#include "collect/nginx/log_readings.h"

#include <algorithm>
#include <string>

#include "collect/nginx/log_fields.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

std::optional<LogFeature> FeatureNamed(std::string_view name) {
  const auto found = std::find(kLogFeatures.begin(), kLogFeatures.end(), name);
  if (found == kLogFeatures.end()) return std::nullopt;
  return static_cast<LogFeature>(found - kLogFeatures.begin());
}

// The values of one interval, of all requests or of a site.
class Values {
 public:
  Values(const LogBins& bins, std::uint32_t fields, Time begin, Time end,
         std::optional<SiteId> site)
      : bins_(bins),
        fields_(fields),
        begin_(begin),
        end_(end),
        site_(site),
        counts_(bins.Counts(begin, end, site)) {}

  double Of(LogFeature feature) {
    switch (feature) {
      case LogFeature::kRequestRate:
        return static_cast<double>(counts_.requests) / Seconds(end_ - begin_);
      case LogFeature::kErrorRate4xx:
        return PerRequest(counts_.errors_4xx);
      case LogFeature::kErrorRate5xx:
        return PerRequest(counts_.errors_5xx);
      case LogFeature::kUniqueIpsPerMin:
        return Clients();
      case LogFeature::kAvgResponseSize:
        return (fields_ & kByteFields) != 0 ? PerRequest(counts_.bytes) : kMissing;
      case LogFeature::kRequestTimeP50:
        return Times().request.Quantile(0.5);
      case LogFeature::kRequestTimeP95:
        return Times().request.Quantile(0.95);
      case LogFeature::kUpstreamTimeP95:
        return Times().upstream.Quantile(0.95);
      case LogFeature::kBytesInRate:
        // A request has at least its first line: none has 0 bytes.
        return counts_.bytes_in == 0
                   ? kMissing
                   : static_cast<double>(counts_.bytes_in) / Seconds(end_ - begin_);
    }
    return kMissing;
  }

 private:
  double PerRequest(std::uint64_t sum) const {
    return counts_.requests == 0 ? kMissing
                                 : static_cast<double>(sum) / static_cast<double>(counts_.requests);
  }
  double Clients() const {
    const bool has_client = fields_ == 0 || (fields_ & kClientFields) != 0;
    const bool whole = !site_ || !bins_.sites_from() || end_ - kClientWindow >= *bins_.sites_from();
    return has_client && whole ? static_cast<double>(bins_.Clients(end_, site_)) : kMissing;
  }
  const RequestTimes& Times() {
    if (!times_) times_ = bins_.Times(begin_, end_, site_);
    return *times_;
  }

  const LogBins& bins_;
  const std::uint32_t fields_;
  const Time begin_;
  const Time end_;
  const std::optional<SiteId> site_;
  const BinCounts counts_;
  std::optional<RequestTimes> times_;
};

}  // namespace

void ReportUnknownFeatures(const Section& section, const std::vector<WantedFeature>& features) {
  for (const auto& wanted : features) {
    if (FeatureNamed(wanted.expr)) continue;
    std::string known;
    for (const auto name : kLogFeatures) known += (known.empty() ? "" : ", ") + std::string(name);
    section.Report("", "logs have no feature '" + Sanitize(wanted.expr) + "', only " + known);
  }
}

LogReadings::LogReadings(std::vector<WantedFeature> features, bool by_site) {
  for (const auto& wanted : features) {
    const auto feature = FeatureNamed(wanted.expr);
    if (!feature) continue;
    const auto& labels = wanted.entity_labels;
    const bool of_sites =
        by_site && std::find(labels.begin(), labels.end(), kSiteLabel) != labels.end();
    (of_sites ? of_sites_ : of_all_).push_back({wanted.ref, *feature});
  }
}

std::vector<Reading> LogReadings::Of(const LogBins& bins,
                                     const std::vector<std::pair<SiteId, KnownSite>>& sites,
                                     std::uint32_t fields_seen, Time begin, Time end) const {
  std::vector<Reading> out;
  const auto add = [&](const std::vector<Wanted>& wanted, const Labels& labels, Values values) {
    for (const auto& [ref, feature] : wanted) {
      const double value = values.Of(feature);
      if (!IsMissing(value)) out.push_back({ref, labels, value});
    }
  };
  if (!of_all_.empty()) add(of_all_, {}, Values(bins, fields_seen, begin, end, std::nullopt));
  if (of_sites_.empty() || (bins.sites_from() && begin < *bins.sites_from())) return out;
  for (const auto& [id, site] : sites) {
    if (site.since >= end) continue;
    add(of_sites_, {{std::string(kSiteLabel), site.name}},
        Values(bins, fields_seen, begin, end, id));
  }
  return out;
}

}  // namespace aiops
