#include "ctl/progress_line.h"

#include <unistd.h>

#include <ostream>
#include <utility>

namespace aiops {

ProgressLine::ProgressLine(std::ostream& err, std::string what, size_t all)
    : err_(err),
      what_(std::move(what)),
      all_(all),
      start_(clock_.Steady()),
      terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_ >= 0) err_ << "\r\x1b[K";
}

void ProgressLine::Tell(size_t done) {
  if (!terminal_) return;
  const double passed = std::chrono::duration<double>(clock_.Steady() - start_).count();
  const auto tenth = static_cast<std::int64_t>(passed * 10);
  if (passed < 2 || tenth == shown_) return;
  shown_ = tenth;
  err_ << "\r" << what_ << " " << done << " of " << all_ << "\x1b[K" << std::flush;
}

}  // namespace aiops
