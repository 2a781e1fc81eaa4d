#include "web/web_settings.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/log.h"

namespace aiops {
namespace {

constexpr auto kBetweenLooks = std::chrono::seconds(1);

bool Same(const std::vector<std::pair<std::string, Secret>>& a,
          const std::vector<std::pair<std::string, Secret>>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.Reveal() == y.second.Reveal();
  });
}

}  // namespace

Result<std::unique_ptr<LiveWebSettings>> LiveWebSettings::Open(const std::string& path,
                                                               const Clock& clock) {
  std::unique_ptr<LiveWebSettings> live(new LiveWebSettings(path, clock));
  AIOPS_TRY_VOID(live->Reload());
  return live;
}

std::shared_ptr<const WebSettings> LiveWebSettings::Current() {
  std::lock_guard lock(mutex_);
  const auto now = clock_.Steady();
  if (path_.empty() || now - looked_ < kBetweenLooks) return settings_;
  looked_ = now;
  const bool changed = std::any_of(files_.begin(), files_.end(), [](const auto& file) {
    return StampOf(file.first) != file.second;
  });
  if (!changed) return settings_;
  if (const auto read = Read(); !read) {
    LogWarn("the web configuration was changed but cannot be used; the old one stays",
            {{"err", read.error().message}});
  } else {
    LogInfo("the web configuration was changed and is in force");
  }
  return settings_;
}

Result<void> LiveWebSettings::Reload() {
  std::lock_guard lock(mutex_);
  looked_ = clock_.Steady();
  return Read();
}

LiveWebSettings::Stamp LiveWebSettings::StampOf(const std::string& file) {
  struct stat s {};
  if (stat(file.c_str(), &s) != 0) return {};
  return {static_cast<std::int64_t>(s.st_dev),          static_cast<std::int64_t>(s.st_ino),
          static_cast<std::int64_t>(s.st_size),         static_cast<std::int64_t>(s.st_mtim.tv_sec),
          static_cast<std::int64_t>(s.st_mtim.tv_nsec), static_cast<std::int64_t>(s.st_ctim.tv_sec),
          static_cast<std::int64_t>(s.st_ctim.tv_nsec)};
}

// Stamps are taken before their files are read: a change in between is seen the next time.
Result<void> LiveWebSettings::Read() {
  WebFileConfig file;
  if (!path_.empty()) {
    const Stamp stamp = StampOf(path_);
    if (files_.empty()) files_.emplace_back();
    files_.front() = {path_, stamp};
    AIOPS_TRY(file, ReadWebConfig(path_));
    files_.resize(1);
  }
  auto settings = std::make_shared<WebSettings>();
  if (file.tls) {
    for (const auto& name : {file.tls->cert_file, file.tls->key_file, file.tls->client_ca_file}) {
      if (!name.empty()) files_.emplace_back(name, StampOf(name));
    }
    AIOPS_TRY(settings->tls, TlsContext::Load(*file.tls));
  }
  if (settings_ && (settings_->tls == nullptr) != (settings->tls == nullptr)) {
    return InvalidArgument(path_ + ": TLS cannot be switched on or off without a restart");
  }
  settings->headers = std::move(file.headers);
  settings->auth = Users(std::move(file.users));
  settings_ = std::move(settings);
  return {};
}

// Users that did not change keep what is remembered of them.
std::shared_ptr<BasicAuth> LiveWebSettings::Users(
    std::vector<std::pair<std::string, Secret>> users) {
  if (users.empty()) {
    users_.clear();
    return nullptr;
  }
  if (settings_ && settings_->auth && Same(users, users_)) return settings_->auth;
  users_ = std::move(users);
  return std::make_shared<BasicAuth>(users_);
}

}  // namespace aiops
