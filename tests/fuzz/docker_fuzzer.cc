// What a container engine answers. The first byte chooses the request, the rest is the body.
#include "base/result.h"
#include "collect/docker/parse.h"
#include "text/sanitize.h"

namespace {

constexpr size_t kMaxContainers = 16;

void CheckContainers(std::string_view body) {
  const auto list = aiops::docker::ParseContainers(body, kMaxContainers);
  if (!list) return;
  AIOPS_CHECK(list->containers.size() <= kMaxContainers);
  for (const auto& container : list->containers) {
    AIOPS_CHECK(!container.id.empty());
    AIOPS_CHECK(container.id.find_first_not_of("0123456789abcdef") == std::string::npos);
    AIOPS_CHECK(aiops::IsValidUtf8(container.name) && aiops::IsValidUtf8(container.image));
  }
}

void CheckEvents(std::string_view body) {
  const auto events = aiops::docker::ParseEvents(body);
  for (size_t i = 1; i < events.size(); ++i) AIOPS_CHECK(events[i - 1].time <= events[i].time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      CheckContainers(body);
      break;
    case 1:
      if (const auto seen = aiops::docker::ParseInspection(body))
        AIOPS_CHECK(aiops::IsValidUtf8(seen->error) && aiops::IsValidUtf8(seen->health_output));
      break;
    case 2:
      CheckEvents(body);
      break;
    default:
      static_cast<void>(aiops::docker::ParseApiVersion(body));
  }
  return 0;
}
