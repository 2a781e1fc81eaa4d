// Parts that several answers hold, as JSON (docs/api.md).
#pragma once

#include "pipeline/view.h"
#include "web/json_values.h"

namespace aiops {

// A feature as a sample had it, with the remark on a value outside its band.
Json FeatureJson(const Feature& feature, const FeatureScore& score);
Json ContributionsJson(const std::vector<Contribution>& contributions);
Json CollectorsJson(const View& view);
Json JobsJson(const View& view);
Json ReceiversJson(const View& view);
Json StoreJson(const View& view);
Json ChecklistJson(const View& view);
Json GroupsJson(const View& view);
Json HeadlineJson(const View& view, Time now);
Json SilencesInForceJson(const View& view, Time now);

}  // namespace aiops
