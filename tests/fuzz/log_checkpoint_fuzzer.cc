// What the log collector finds of itself in the database.
#include "base/result.h"
#include "collect/nginx/log_checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const auto checkpoint = aiops::ParseLogCheckpoint({reinterpret_cast<const char*>(data), size});
  // What is taken can be written and taken again.
  if (checkpoint) AIOPS_CHECK(aiops::ParseLogCheckpoint(Serialize(*checkpoint)).has_value());
  return 0;
}
