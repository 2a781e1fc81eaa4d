// LiveWebSettings: what the web configuration file and the files that it names say, also after
// they were changed: a renewed certificate or a new user needs no restart.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "web/basic_auth.h"
#include "web/front/answer.h"
#include "web/tls.h"
#include "web/web_config.h"

namespace aiops {

struct WebSettings {
  std::shared_ptr<BasicAuth> auth;        // null: everybody may
  std::shared_ptr<const TlsContext> tls;  // null: plain HTTP
  HeaderList headers;                     // on every answer
};

// Thread-safe.
class LiveWebSettings {
 public:
  // An empty path: no file, no users, no TLS. The clock outlives it.
  static Result<std::unique_ptr<LiveWebSettings>> Open(const std::string& path, const Clock& clock);

  // Looks at most once a second whether a file was changed, and then reads them all again. What is
  // broken is logged once and changes nothing; so does a file that would switch TLS on or off.
  std::shared_ptr<const WebSettings> Current();
  // Reads them now. On an error the old ones stay.
  Result<void> Reload();

 private:
  // As much of stat(2) as changes with the content; empty: no such file.
  using Stamp = std::vector<std::int64_t>;
  static Stamp StampOf(const std::string& file);

  LiveWebSettings(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {}
  Result<void> Read();
  std::shared_ptr<BasicAuth> Users(std::vector<std::pair<std::string, Secret>> users);

  const std::string path_;
  const Clock& clock_;
  std::mutex mutex_;  // guards the rest
  std::vector<std::pair<std::string, Stamp>> files_;
  std::chrono::steady_clock::time_point looked_;
  std::vector<std::pair<std::string, Secret>> users_;  // of settings_->auth
  std::shared_ptr<const WebSettings> settings_;
};

}  // namespace aiops
