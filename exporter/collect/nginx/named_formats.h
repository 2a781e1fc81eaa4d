// The formats that have a name.
//
// To add one: an entry in one of the two tables of named_formats.cc, a line in the table of
// tests/unit/collect/log_formats_test.cc, and one in docs/collectors/nginx_log.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aiops {

// The most specific first: of formats that read a log equally well, the first is the better guess.
const std::vector<std::string_view>& FormatNames();

// "auto, combined, ... or the text of a log_format": for messages.
std::string AllowedFormats();

// Caddy writes its access log to stderr unless told otherwise: of a container's log both streams
// may have lines of this format.
bool MayComeOnStderr(std::string_view format);

}  // namespace aiops
