#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <cstdio>

#include "base/time.h"

namespace aiops {
namespace {

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warn", "error"};
LogFormat g_format = LogFormat::kLogfmt;

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::logger& Logger() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("aiops",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

// Escapes for a double-quoted string of either format; control characters become \u00XX.
void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x", byte);
      out += buffer.data();
    } else {
      out += c;
    }
  }
  out += '"';
}

bool Plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f)
      return false;
  return true;
}

void AppendField(std::string& out, std::string_view key, std::string_view value) {
  if (g_format == LogFormat::kJson) {
    if (out.size() > 1) out += ',';
    AppendQuoted(out, key);
    out += ':';
    AppendQuoted(out, value);
    return;
  }
  if (!out.empty()) out += ' ';
  out += key;
  out += '=';
  if (Plain(value))
    out += value;
  else
    AppendQuoted(out, value);
}

}  // namespace

LogField::LogField(std::string_view k, double v) : key(k), value(fmt::format("{:.6g}", v)) {}

Result<void> SetUpLog(std::string_view level, std::string_view format) {
  size_t i = 0;
  while (i < kLevels.size() && kLevels[i] != level) ++i;
  if (i == kLevels.size())
    return InvalidArgument("log level '" + std::string(level) +
                           "' is none of debug, info, warn, error");
  if (format != "logfmt" && format != "json")
    return InvalidArgument("log format '" + std::string(format) + "' is neither logfmt nor json");
  g_format = format == "json" ? LogFormat::kJson : LogFormat::kLogfmt;
  Logger().set_level(ToSpdlog(static_cast<LogLevel>(i)));
  return {};
}

bool LogEnabled(LogLevel level) { return Logger().should_log(ToSpdlog(level)); }

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!LogEnabled(level)) return;
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  std::string line = g_format == LogFormat::kJson ? "{" : "";
  AppendField(line, "ts", FormatTime(now));
  AppendField(line, "level", kLevels[static_cast<size_t>(level)]);
  AppendField(line, "msg", message);
  for (const auto& field : fields) AppendField(line, field.key, field.value);
  if (g_format == LogFormat::kJson) line += '}';
  Logger().log(ToSpdlog(level), "{}", line);
}

}  // namespace aiops
