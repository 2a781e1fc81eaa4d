// Text for a terminal: nothing from outside can move the cursor, colour or reorder what is shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace aiops {

// Valid UTF-8 without control characters and without marks that change the direction of writing.
std::string TerminalText(std::string_view text, size_t max_bytes = 2000);

// JSON as it was written, with what a terminal would act on as \u escapes: the same document.
std::string TerminalJson(std::string_view json);

// Columns that `text` takes: two for East Asian wide characters, none for combining ones.
size_t DisplayWidth(std::string_view text);

struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // short rows are filled up with nothing
};

// Aligned columns with two blanks between, each line behind `indent`. Cells pass TerminalText.
std::string Render(const Table& table, std::string_view indent = "");

// "3m", "2h5m", "3d": seconds below ten minutes, minutes below two days.
std::string Span(Duration distance);
// "3m ago", "in 12m", "now".
std::string Relative(Time t, Time now);

// "a, b", or `otherwise` where there is nothing to join.
std::string JoinOr(const std::vector<std::string>& parts, std::string_view otherwise);

}  // namespace aiops
