// What the log collector finds of itself in the database.
#include "base/result.h"
#include "collect/nginx/log_checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const auto taken = aiops::ParseLogCheckpoint({reinterpret_cast<const char*>(data), size});
  if (!taken) return 0;
  // What is taken can be written and taken again.
  const auto& slots = taken->slots;
  AIOPS_CHECK(aiops::ParseLogCheckpoint(Serialize(*taken, slots.begin(), slots.end())).has_value());
  return 0;
}
