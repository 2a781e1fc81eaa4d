#include "base/result.h"

#include <cstdio>

namespace aiops {

std::string_view ToString(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument:
      return "invalid_argument";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kUnauthorized:
      return "unauthorized";
    case ErrorKind::kRateLimited:
      return "rate_limited";
    case ErrorKind::kCorruption:
      return "corruption";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

bool Retryable(ErrorKind kind) {
  return kind == ErrorKind::kUnavailable || kind == ErrorKind::kTimeout ||
         kind == ErrorKind::kRateLimited;
}

void CheckFailed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, what);
  std::abort();
}

}  // namespace aiops
