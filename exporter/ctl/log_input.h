// Reading a log from its beginning to its end, wherever it comes from.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "collect/nginx/line_splitter.h"

namespace aiops {

// Delivers all lines of the file at `path`; "-" is standard input, a file that begins as gzip does
// is decompressed. The last line needs no newline. `progress` is called after each piece with the
// bytes so far. Of a file that is damaged, what could be read has been delivered before the error.
Result<void> ReadLogInput(const std::string& path, const LineSink& sink,
                          const std::function<void(std::uint64_t bytes)>& progress);

}  // namespace aiops
