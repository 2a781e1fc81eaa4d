#include "web/http.h"

#include <nlohmann/json.hpp>

#include "text/sanitize.h"
#include "web/front/ascii.h"

namespace aiops {
namespace {

bool Decode(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') c = ' ';
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return false;
    out += c;
  }
  return true;
}

}  // namespace

WebResponse ErrorResponse(int status, std::string_view message) {
  const nlohmann::json body{{"error", std::string(message)}};
  WebResponse response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

std::string_view StatusText(int status) {
  static const std::map<int, std::string_view> texts{
      {200, "OK"},
      {202, "Accepted"},
      {302, "Found"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  };
  const auto found = texts.find(status);
  return found == texts.end() ? "Unknown" : found->second;
}

bool ParseQuery(std::string_view query, std::map<std::string, std::string>& params,
                std::string& error) {
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    std::string name, value;
    const bool whole = Decode(pair.substr(0, equals), name) &&
                       (equals == std::string_view::npos || Decode(pair.substr(equals + 1), value));
    if (!whole) {
      error = "the query is not percent-encoded text: '" + Sanitize(pair, 64) + "'";
      return false;
    }
    if (!params.emplace(name, value).second) {
      error = "the query parameter '" + Sanitize(name, 64) + "' occurs twice";
      return false;
    }
  }
  return true;
}

}  // namespace aiops
