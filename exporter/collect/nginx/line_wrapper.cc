#include "collect/nginx/line_wrapper.h"

#include <charconv>
#include <utility>

#include "collect/nginx/json_cursor.h"
#include "collect/nginx/line_parser.h"
#include "collect/nginx/log_time.h"

namespace aiops {
namespace {

constexpr std::pair<Wrapper, std::string_view> kNames[] = {
    {Wrapper::kNone, "none"}, {Wrapper::kDocker, "docker"}, {Wrapper::kCri, "cri"}};

bool TakeStream(std::string_view name, Piece& piece) {
  piece.from_stderr = name == "stderr";
  return piece.from_stderr || name == "stdout";
}

bool UnwrapDocker(std::string_view line, std::string& scratch, Piece& piece) {
  scratch.clear();
  scratch.reserve(line.size());
  JsonCursor json(line, scratch);
  bool has_log = false;
  bool has_stream = false;
  if (!json.Take('{')) return false;
  while (!json.Take('}')) {
    std::string_view key;
    std::string_view stream;
    if (!json.String(key) || !json.Take(':')) return false;
    if (key == "log") {
      if (!json.String(piece.text)) return false;
      has_log = true;
    } else if (key == "stream") {
      if (!json.String(stream) || !TakeStream(stream, piece)) return false;
      has_stream = true;
    } else if (!json.Skip()) {
      return false;
    }
    if (!json.Take(',') && json.Peek() != '}') return false;
  }
  piece.last = piece.text.ends_with('\n');
  if (piece.last) piece.text.remove_suffix(1);
  return has_log && has_stream && json.AtEnd();
}

std::string_view TakeWord(std::string_view& line) {
  const size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

bool UnwrapCri(std::string_view line, Piece& piece) {
  LogTimeParser times;
  Time ignored;
  if (!times.ParseIso8601(TakeWord(line), ignored) || !TakeStream(TakeWord(line), piece))
    return false;
  const std::string_view tags = TakeWord(line);
  const std::string_view tag = tags.substr(0, tags.find(':'));
  piece.last = tag == "F";
  piece.text = line;
  return tag == "F" || tag == "P";
}

constexpr std::string_view kHex = "0123456789abcdef";

std::string ToHex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

std::optional<std::string> FromHex(std::string_view text) {
  std::string out;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned byte = 0;
    const char* end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, byte, 16).ptr != end) return std::nullopt;
    out.push_back(static_cast<char>(byte));
  }
  if (text.size() % 2 != 0 || out.size() > kMaxLineBytes) return std::nullopt;
  return out;
}

}  // namespace

std::string_view ToString(Wrapper wrapper) { return kNames[static_cast<size_t>(wrapper)].second; }

std::optional<Wrapper> WrapperNamed(std::string_view name) {
  for (const auto& [wrapper, known] : kNames) {
    if (known == name) return wrapper;
  }
  return std::nullopt;
}

bool Unwrap(Wrapper wrapper, std::string_view line, std::string& scratch, Piece& piece) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  switch (wrapper) {
    case Wrapper::kNone:
      piece = {line, false, true};
      return true;
    case Wrapper::kDocker:
      return UnwrapDocker(line, scratch, piece);
    case Wrapper::kCri:
      return UnwrapCri(line, piece);
  }
  return false;
}

Wrapper RecogniseWrapper(std::string_view line, std::string& scratch) {
  Piece piece;
  if (line.starts_with('{'))
    return UnwrapDocker(line, scratch, piece) ? Wrapper::kDocker : Wrapper::kNone;
  return UnwrapCri(line, piece) ? Wrapper::kCri : Wrapper::kNone;
}

bool PieceJoiner::Add(const Piece& piece, std::string_view& line, LineFault& fault) {
  Partial& partial = partials_[piece.from_stderr ? 1 : 0];
  fault = LineFault::kNone;
  if (piece.last && !partial.begun) {
    line = piece.text;
    return true;
  }
  partial.begun = true;
  if (partial.text.size() + piece.text.size() > kMaxLineBytes) {
    partial.too_long = true;
    partial.text = {};
  }
  if (!partial.too_long) partial.text.append(piece.text);
  if (!piece.last) return false;
  if (partial.too_long) fault = LineFault::kTooLong;
  whole_ = std::exchange(partial, {}).text;
  line = whole_;
  return true;
}

std::string PieceJoiner::State() const {
  std::string out;
  for (const auto& partial : partials_) {
    const char* mark = partial.too_long ? "!" : partial.begun ? "+" : "-";
    out += (out.empty() ? "" : ",") + std::string(mark) + ToHex(partial.text);
  }
  return out;
}

bool PieceJoiner::Restore(std::string_view state) {
  std::array<Partial, 2> restored;
  for (auto& partial : restored) {
    const std::string_view part = state.substr(0, state.find(','));
    state.remove_prefix(std::min(part.size() + 1, state.size()));
    if (part.empty()) return false;
    auto text = FromHex(part.substr(1));
    if (!text) return false;
    partial = {std::move(*text), part[0] != '-', part[0] == '!'};
  }
  partials_ = std::move(restored);
  return true;
}

}  // namespace aiops
