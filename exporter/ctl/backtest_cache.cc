#include "ctl/backtest_cache.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "text/sanitize.h"

namespace aiops {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtension = ".answer";
constexpr Duration kMayChange = hours(1);
constexpr auto kKept = std::chrono::hours(24 * 14);

std::string Hex(size_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%016zx", value);
  return text.data();
}

// What was asked. Stands in the file, so that no chance makes one answer of another.
std::string QuestionOf(const HttpEndpoint& endpoint, const std::string& expr,
                       const prom::HistoryQuery& query) {
  return "v1 " + StripUrl(endpoint.base_url) + " " + std::to_string(UnixMillis(query.first)) + " " +
         std::to_string(UnixMillis(query.last)) + " " + std::to_string(query.step.count()) + " " +
         Hex(std::hash<std::string>{}(expr)) + " " + Sanitize(expr, 4096);
}

// Whoever asks with other credentials or for another tenant sees other series.
std::string PathOf(const std::string& folder, const HttpEndpoint& endpoint, std::string question) {
  for (const auto* text : {&endpoint.basic_user, &endpoint.basic_password.Reveal(),
                           &endpoint.bearer_token.Reveal(), &endpoint.bearer_token_file})
    question += "\n" + *text;
  for (const auto& [name, value] : endpoint.headers) question += "\n" + name + ":" + value.Reveal();
  return folder + "/" + Hex(std::hash<std::string>{}(question)) + kExtension;
}

}  // namespace

std::string DefaultCacheFolder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return std::string(cache) + "/aiops/backtest";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::string(home) + "/.cache/aiops/backtest";
  return "";
}

Result<BacktestCache> BacktestCache::Open(std::string folder, const Clock& clock) {
  BacktestCache cache(std::move(folder), clock);
  if (cache.folder_.empty()) return cache;
  std::error_code failed;
  const bool made = fs::create_directories(cache.folder_, failed);
  if (made && !failed) fs::permissions(cache.folder_, fs::perms::owner_all, failed);
  if (failed)
    return Unavailable("cannot use the folder " + Sanitize(cache.folder_, 512) + ": " +
                       failed.message() + "; name another with --cache, or none with --cache ''");
  cache.DeleteOld();
  return cache;
}

void BacktestCache::DeleteOld() const {
  std::error_code failed;
  const auto oldest = fs::file_time_type::clock::now() - kKept;
  for (fs::directory_iterator it(folder_, failed), end; !failed && it != end;
       it.increment(failed)) {
    if (it->path().extension() != kExtension) continue;
    std::error_code gone;
    if (const auto written = it->last_write_time(gone); !gone && written < oldest)
      fs::remove(it->path(), gone);
  }
}

std::optional<std::ifstream> BacktestCache::Find(const HttpEndpoint& endpoint,
                                                 const std::string& expr,
                                                 const prom::HistoryQuery& query) const {
  if (folder_.empty()) return std::nullopt;
  const std::string question = QuestionOf(endpoint, expr, query);
  std::ifstream in(PathOf(folder_, endpoint, question), std::ios::binary);
  std::string asked, found;
  if (!in || !std::getline(in, asked) || !std::getline(in, found) || found != question)
    return std::nullopt;
  std::int64_t millis = 0;
  if (std::from_chars(asked.data(), asked.data() + asked.size(), millis).ec != std::errc())
    return std::nullopt;
  const Time at = FromUnixMillis(millis);
  if (at < started_ && at < query.last + kMayChange) return std::nullopt;
  return in;
}

bool BacktestCache::Holds(const HttpEndpoint& endpoint, const std::string& expr,
                          const prom::HistoryQuery& query) const {
  return Find(endpoint, expr, query).has_value();
}

std::string BacktestCache::FileOf(const HttpEndpoint& endpoint, const std::string& expr,
                                  const prom::HistoryQuery& query) const {
  return PathOf(folder_, endpoint, QuestionOf(endpoint, expr, query));
}

std::optional<std::string> BacktestCache::Recall(const HttpEndpoint& endpoint,
                                                 const std::string& expr,
                                                 const prom::HistoryQuery& query) const {
  const auto in = Find(endpoint, expr, query);
  if (!in) return std::nullopt;
  std::ostringstream body;
  body << in->rdbuf();
  return std::move(body).str();
}

void BacktestCache::Keep(const HttpEndpoint& endpoint, const std::string& expr,
                         const prom::HistoryQuery& query, const std::string& body) const {
  if (folder_.empty()) return;
  const std::string question = QuestionOf(endpoint, expr, query);
  const std::string path = PathOf(folder_, endpoint, question);
  const std::string unfinished = path + "." + std::to_string(getpid());
  std::error_code failed;
  {
    std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
    fs::permissions(unfinished, fs::perms::owner_read | fs::perms::owner_write, failed);
    out << UnixMillis(clock_->Now()) << "\n" << question << "\n" << body;
    if (!out.flush()) {
      std::remove(unfinished.c_str());
      return;
    }
  }
  fs::rename(unfinished, path, failed);
}

}  // namespace aiops
