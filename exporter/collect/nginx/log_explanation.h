// What the requests of an anomaly's time were like, in sentences.
#pragma once

#include "collect/nginx/log_evidence.h"
#include "model/evidence.h"

namespace aiops {

// Compares the window with as much time before it: how many requests and errors there were, where
// they went, where they came from, and how long they took. At most 15 sentences, sanitised, the
// same for the same lines. Nothing if there were no requests in either.
Evidence ExplainRequests(const LogEvidence& evidence, Window window);

}  // namespace aiops
