// LineReader: the lines of one log, as they stand in its file, -> LogEntry: takes off what a
// container engine put around them, guesses the format where none is configured, parses, and finds
// the client.
//
// The guess. Lines are held until there are 20, or the log has no more at present; then every
// format tries them, and the one that reads most of them is kept (of equals the most specific; one
// that lacks the field of the configured client counts half). If none reads any, all are counted as
// bad_format, and the next lines are tried likewise. A guess that is made never changes from line
// to line: only after 20 lines in a row that it cannot read is it made anew. It is part of the
// checkpoint, so that a restart changes no count.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/nginx/client_address.h"
#include "collect/nginx/line_parser.h"
#include "collect/nginx/line_wrapper.h"

namespace aiops {

inline constexpr std::string_view kGuess = "auto";

// How to read lines; the values are valid (see options.h).
struct LineOptions {
  std::string format{kGuess};
  JsonKeys json_keys;
  std::optional<Wrapper> wrapper;  // none: told by the lines
  ClientSource client;
};

struct BadLine {
  LineFault fault = LineFault::kNone;
  std::string_view text;  // without its wrapper, where that could be taken off; valid in the call
  std::uint64_t number = 0;  // of the line in the log, from 1
};

struct LineHandlers {
  std::function<void(const LogEntry&)> entry;
  std::function<void(const BadLine&)> bad;
  std::function<void()> ignored;  // a container wrote it to stderr: the error log of Nginx
};

// Not thread-safe.
class LineReader {
 public:
  static constexpr size_t kGuessLines = 20;

  // `options` must outlive it.
  explicit LineReader(const LineOptions& options);

  // Takes what a LineSink gets.
  void OnLine(std::string_view line, LineFault fault, const LineHandlers& handlers);
  // The log has no more lines at present: decides by those that are held. Call it before State.
  void Flush(const LineHandlers& handlers);

  // Of the lines so far: "combined", the configured format, or empty while none fits.
  const std::string& format() const { return format_; }
  bool guesses() const { return options_.format == kGuess; }
  std::optional<Wrapper> wrapper() const { return wrapper_; }
  // Whether the last 20 lines fitted no format.
  bool puzzled() const { return parser_ == nullptr && misfits_ >= kGuessLines; }

  // The guess and the parts of lines that wait for their end. Restore refuses (false) what State
  // did not write; what is configured overrules it.
  std::string State() const;
  bool Restore(std::string_view state);

 private:
  struct Held {
    std::string text;
    bool from_stderr = false;
    std::uint64_t number = 0;
  };

  void OnText(std::string_view text, bool from_stderr, std::uint64_t number,
              const LineHandlers& handlers);
  void Parse(std::string_view text, bool from_stderr, std::uint64_t number,
             const LineHandlers& handlers);
  void Misfit(LineFault fault, std::string_view text, std::uint64_t number,
              const LineHandlers& handlers);
  void Guess();
  // The candidate that reads most of the lines that are held, those from stderr or the others.
  size_t Best(bool from_stderr);
  LineFault WhyCombinedCannot(std::string_view line);
  void Forget();
  bool StderrMayCount() const;

  const LineOptions& options_;
  std::string format_;
  std::optional<Wrapper> wrapper_;
  std::unique_ptr<LineParser> parser_;  // null while the format is not known
  PieceJoiner joiner_;
  std::string scratch_;
  LogEntry entry_;  // of the last line: parsers reset it faster than it is made
  std::vector<Held> held_;
  std::vector<std::unique_ptr<LineParser>> candidates_;  // of FormatNames(), while it guesses
  bool telling_ = false;                                 // the lines that were held
  size_t misfits_ = 0;                                   // in a row
  std::uint64_t lines_ = 0;
};

}  // namespace aiops
