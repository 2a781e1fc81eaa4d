#include "collect/nginx/line_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "collect/nginx/log_fields.h"
#include "collect/nginx/named_formats.h"

namespace aiops {
namespace {

// Null for a format that is not (or no longer) known.
std::unique_ptr<LineParser> ParserOf(std::string_view format, const LineOptions& options) {
  auto parser = MakeLineParser(format, options.json_keys, options.client.Claimed());
  return parser ? *std::move(parser) : nullptr;
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::string_view TakeWord(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

}  // namespace

LineReader::LineReader(const LineOptions& options) : options_(options) { Forget(); }

void LineReader::Forget() {
  wrapper_ = options_.wrapper;
  if (!guesses() && parser_ != nullptr) return;
  format_ = guesses() ? "" : options_.format;
  parser_ = guesses() ? nullptr : ParserOf(options_.format, options_);
}

bool LineReader::StderrMayCount() const { return parser_ == nullptr || MayComeOnStderr(format_); }

void LineReader::OnLine(std::string_view line, LineFault fault, const LineHandlers& handlers) {
  ++lines_;
  if (fault != LineFault::kNone) return handlers.bad({fault, line, lines_});
  if (!wrapper_) {
    const Wrapper shown = RecogniseWrapper(line, scratch_);
    if (shown != Wrapper::kNone) wrapper_ = shown;
  }
  if (wrapper_.value_or(Wrapper::kNone) == Wrapper::kNone)
    return OnText(line, false, lines_, handlers);
  Piece piece;
  if (!Unwrap(*wrapper_, line, scratch_, piece)) {
    return Misfit(IsBlank(line) ? LineFault::kEmpty : LineFault::kBadFormat, line, lines_,
                  handlers);
  }
  if (piece.from_stderr && !StderrMayCount()) {
    if (piece.last) handlers.ignored();
    return;
  }
  std::string_view text;
  if (!joiner_.Add(piece, text, fault)) return;
  if (fault != LineFault::kNone) return handlers.bad({fault, text, lines_});
  OnText(text, piece.from_stderr, lines_, handlers);
}

void LineReader::OnText(std::string_view text, bool from_stderr, std::uint64_t number,
                        const LineHandlers& handlers) {
  if (parser_ != nullptr) return Parse(text, from_stderr, number, handlers);
  if (IsBlank(text) && !from_stderr) return handlers.bad({LineFault::kEmpty, text, number});
  held_.push_back({std::string(text), from_stderr, number});
  if (held_.size() >= kGuessLines) Flush(handlers);
}

size_t LineReader::Best(bool from_stderr) {
  size_t best = candidates_.size();
  size_t most = 0;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (from_stderr && !MayComeOnStderr(FormatNames()[i])) continue;
    LogEntry entry;
    const auto fits =
        static_cast<size_t>(std::count_if(held_.begin(), held_.end(), [&](const Held& line) {
          return line.from_stderr == from_stderr &&
                 candidates_[i]->Parse(line.text, entry) == LineFault::kNone;
        }));
    const bool names_client =
        options_.client.Claimed().empty() || (candidates_[i]->Fields() & Bit(EntryField::kClaimed));
    const size_t score = names_client ? 2 * fits : fits;
    if (score > most) best = i;
    most = std::max(most, score);
  }
  return best;
}

void LineReader::Guess() {
  if (candidates_.empty()) {
    for (const auto name : FormatNames()) candidates_.push_back(ParserOf(name, options_));
  }
  size_t best = Best(false);
  if (best == candidates_.size()) best = Best(true);
  if (best == candidates_.size()) return;
  format_ = FormatNames()[best];
  parser_ = std::move(candidates_[best]);
  candidates_.clear();
}

void LineReader::Flush(const LineHandlers& handlers) {
  if (held_.empty()) return;
  Guess();
  telling_ = true;
  for (const auto& line : std::exchange(held_, {})) {
    if (parser_ != nullptr) {
      Parse(line.text, line.from_stderr, line.number, handlers);
    } else if (line.from_stderr) {
      handlers.ignored();
    } else {
      Misfit(WhyCombinedCannot(line.text), line.text, line.number, handlers);
    }
  }
  telling_ = false;
}

// Why a line that fits nothing fits nothing is told as of the commonest format.
LineFault LineReader::WhyCombinedCannot(std::string_view line) {
  const auto& names = FormatNames();
  const auto at = std::find(names.begin(), names.end(), "combined") - names.begin();
  LogEntry entry;
  return candidates_[static_cast<size_t>(at)]->Parse(line, entry);
}

void LineReader::Parse(std::string_view text, bool from_stderr, std::uint64_t number,
                       const LineHandlers& handlers) {
  LogEntry& entry = entry_;
  LineFault fault = LineFault::kBadFormat;
  if (!from_stderr || StderrMayCount()) fault = parser_->Parse(text, entry);
  if (fault == LineFault::kNone) {
    misfits_ = 0;
    if (!wrapper_) wrapper_ = Wrapper::kNone;
    if (!entry.claimed.empty() || options_.client.IsHeader()) options_.client.Resolve(entry);
    handlers.entry(entry);
  } else if (from_stderr) {
    handlers.ignored();
  } else {
    Misfit(fault, text, number, handlers);
  }
}

void LineReader::Misfit(LineFault fault, std::string_view text, std::uint64_t number,
                        const LineHandlers& handlers) {
  handlers.bad({fault, text, number});
  if (fault == LineFault::kEmpty) return;
  ++misfits_;
  // The lines that a guess was made from are told by it.
  if (misfits_ >= kGuessLines && !telling_) Forget();
}

std::string LineReader::State() const {
  const std::string_view wrapper = wrapper_ ? ToString(*wrapper_) : kGuess;
  const bool named = guesses() && !format_.empty();
  return (named ? format_ : std::string(kGuess)) + " " + std::string(wrapper) + " " +
         std::to_string(misfits_) + " " + joiner_.State();
}

bool LineReader::Restore(std::string_view state) {
  const std::string_view format = TakeWord(state);
  const std::string_view wrapper = TakeWord(state);
  const std::string_view misfits = TakeWord(state);
  const auto known = WrapperNamed(wrapper);
  if (!known && wrapper != kGuess) return false;
  size_t count = 0;
  const auto end = std::from_chars(misfits.data(), misfits.data() + misfits.size(), count).ptr;
  if (end != misfits.data() + misfits.size()) return false;
  const auto& names = FormatNames();
  const bool named = std::find(names.begin(), names.end(), format) != names.end();
  if ((!named && format != kGuess) || !joiner_.Restore(state)) return false;
  misfits_ = count;
  if (!options_.wrapper) wrapper_ = known;
  if (guesses() && named) {
    format_ = format;
    parser_ = ParserOf(format, options_);
  }
  return true;
}

}  // namespace aiops
