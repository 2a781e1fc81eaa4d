// The parts of a View that several answers hold, as JSON (docs/api.md).
#pragma once

#include "pipeline/view.h"
#include "web/json_values.h"

namespace aiops {

Json CollectorsJson(const View& view);
Json JobsJson(const View& view);
Json ReceiversJson(const View& view);
Json StoreJson(const View& view);
Json ChecklistJson(const View& view);
Json GroupsJson(const View& view);
Json HeadlineJson(const View& view, Time now);
Json SilencesInForceJson(const View& view, Time now);

}  // namespace aiops
