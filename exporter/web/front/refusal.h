// Refusal: why bytes are not a request that we serve.
#pragma once

#include <optional>
#include <string_view>

namespace aiops {

struct Refusal {
  int status = 400;
  std::string_view why;  // a literal: never text from outside
};

// Nothing: all is well.
using Refused = std::optional<Refusal>;

}  // namespace aiops
