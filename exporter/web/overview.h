// What the page polls: everything in short, and the worst entities first.
#pragma once

#include <vector>

#include "pipeline/view.h"
#include "web/http.h"
#include "web/params.h"

namespace aiops {

std::vector<Param> OverviewParams();
// GET /overview?search=&sort=&limit=. `search`: part of a name, scope or label, upper or lower
// case. `sort`: "worst" (the default) or "name". `limit`: how many entities, 30 by default;
// everything else has a bounded size, however many entities there are.
WebResponse Overview(const View& view, Time now, const WebRequest& request);

}  // namespace aiops
