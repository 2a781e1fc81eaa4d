// The last hours of an entity, in as many steps as a small curve can show.
#pragma once

#include <vector>

#include "pipeline/view.h"
#include "store/store.h"
#include "web/http.h"
#include "web/params.h"

namespace aiops {

std::vector<Param> SeriesParams();
// GET /series?entity=&scope=&feature=&hours=. 404 if nobody of that name is watched now.
WebResponse Series(const View& view, const Store& store, Time now, const WebRequest& request);

}  // namespace aiops
