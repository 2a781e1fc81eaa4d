// What container engines put around each line of a program's output.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collect/nginx/log_entry.h"

namespace aiops {

enum class Wrapper : std::uint8_t {
  kNone,
  kDocker,  // json-file: {"log":"...\n","stream":"stdout","time":"..."}
  kCri,     // 2026-11-23T03:02:00.123456789Z stdout F ...
};
std::string_view ToString(Wrapper wrapper);  // "none", "docker", "cri"
std::optional<Wrapper> WrapperNamed(std::string_view name);

// A line of the program or, of long ones (16 KiB), a part: CRI tags such parts with P, Docker
// leaves out their newline.
struct Piece {
  std::string_view text;
  bool from_stderr = false;
  bool last = true;  // the line ends with it
};

// False if the line has another form. `scratch`, where escapes are resolved, holds `piece.text`.
bool Unwrap(Wrapper wrapper, std::string_view line, std::string& scratch, Piece& piece);

// The wrapper that a line shows, which no access log's own line can be mistaken for; else kNone.
Wrapper RecogniseWrapper(std::string_view line, std::string& scratch);

// Puts the parts of a line together, each stream by itself. Holds at most kMaxLineBytes of either.
// Not thread-safe.
class PieceJoiner {
 public:
  // True if `piece` completes a line; `line` is valid until the next call. Of one that is too long
  // nothing is kept: it is completed as kTooLong.
  bool Add(const Piece& piece, std::string_view& line, LineFault& fault);

  // Printable ASCII without blanks: what is held, for a checkpoint. Restore takes anything.
  std::string State() const;
  bool Restore(std::string_view state);

 private:
  struct Partial {
    std::string text;
    bool begun = false;
    bool too_long = false;
  };
  std::array<Partial, 2> partials_;
  std::string whole_;
};

}  // namespace aiops
