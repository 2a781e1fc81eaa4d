#include "collect/nginx/log_lines.h"

#include <utility>

#include "base/log.h"
#include "text/sanitize.h"

namespace aiops {
namespace {

constexpr std::string_view kPuzzled = "none";

std::string FileName(const std::string& path) {
  return Sanitize(path.substr(path.rfind('/') + 1), 128);
}

}  // namespace

LogLines::Log& LogLines::At(const std::string& path) {
  const auto found = logs_.find(path);
  if (found != logs_.end()) return found->second;
  return logs_.emplace(path, Log{LineReader(*options_), ""}).first->second;
}

LineReader& LogLines::Of(const std::string& path) { return At(path).reader; }

void LogLines::Keep(const std::function<bool(const std::string& path)>& followed) {
  std::erase_if(logs_, [&](const auto& each) { return !followed(each.first); });
}

void LogLines::Tell(const std::string& path) {
  auto& [reader, told] = At(path);
  const std::string_view now = reader.puzzled() ? kPuzzled : reader.format();
  if (!reader.guesses() || now.empty() || now == told) return;
  told = now;
  if (reader.puzzled()) {
    LogWarn("no known format fits the log: its lines are counted as bad_format",
            {{"collector", "nginx_log"}, {"log", path}});
    return;
  }
  LogInfo("guessed the format of a log",
          {{"collector", "nginx_log"},
           {"log", path},
           {"format", now},
           {"wrapper", ToString(reader.wrapper().value_or(Wrapper::kNone))}});
}

std::vector<std::string> LogLines::Notes() const {
  std::vector<std::string> out;
  std::map<std::string_view, std::pair<std::string, size_t>> guesses;
  for (const auto& [path, log] : logs_) {
    if (!log.reader.guesses()) continue;
    if (log.reader.puzzled()) {
      out.push_back("no known format fits the last lines of " + Sanitize(path) +
                    ": set collect.nginx.format to the log_format that writes them; `aiopsctl "
                    "parse-log FILE --format ...` tries one");
    } else if (!log.reader.format().empty()) {
      auto& [first, count] = guesses[log.reader.format()];
      if (count++ == 0) first = FileName(path);
    }
  }
  for (const auto& [format, logs] : guesses) {
    const auto& [first, count] = logs;
    out.push_back("format guessed: " + std::string(format) + " (" + first +
                  (count > 1 ? " and " + std::to_string(count - 1) + " more)" : ")"));
  }
  return out;
}

std::map<std::string, std::string> LogLines::State() const {
  std::map<std::string, std::string> out;
  for (const auto& [path, log] : logs_) out[path] = log.reader.State();
  return out;
}

Result<void> LogLines::Restore(const std::map<std::string, std::string>& states) {
  for (const auto& [path, state] : states) {
    Log& log = At(path);
    if (!log.reader.Restore(state))
      return Corruption("the checkpoint holds an impossible state of " + Sanitize(path));
    log.told = log.reader.format();
  }
  return {};
}

}  // namespace aiops
