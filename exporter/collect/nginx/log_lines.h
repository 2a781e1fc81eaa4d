// LogLines: how the lines of each followed log are read, and what people are told of the guesses.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "collect/nginx/line_reader.h"

namespace aiops {

// Not thread-safe.
class LogLines {
 public:
  // `options` must outlive it.
  explicit LogLines(const LineOptions& options) : options_(&options) {}

  LineReader& Of(const std::string& path);
  // Drops the logs that nobody follows any more.
  void Keep(const std::function<bool(const std::string& path)>& followed);

  // Writes a line into the daemon's log if the guess of this one changed.
  void Tell(const std::string& path);
  // A sentence for each guess, and for each log that no format fits.
  std::vector<std::string> Notes() const;

  // For checkpoints, by path. kCorruption for what State did not write.
  std::map<std::string, std::string> State() const;
  Result<void> Restore(const std::map<std::string, std::string>& states);

 private:
  struct Log {
    LineReader reader;
    std::string told;  // the guess as it was told
  };

  Log& At(const std::string& path);

  const LineOptions* options_;
  std::map<std::string, Log> logs_;
};

}  // namespace aiops
