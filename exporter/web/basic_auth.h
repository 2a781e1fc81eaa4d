// BasicAuth: who may ask, by name and password against bcrypt hashes.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "web/http.h"

namespace aiops {

// Whether it is a bcrypt hash that we can check in bearable time ($2a$, $2b$, $2y$; cost 4 to 16).
Result<void> CheckBcryptHash(const Secret& hash);

// Thread-safe. bcrypt is slow by design, so a name and password that were right once are remembered
// under a keyed hash (at most kRemembered; the key dies with the process); wrong ones are not. One
// check runs at a time and few may wait, so that guessing cannot take every core and thread.
// Unknown names cost as much as wrong passwords.
class BasicAuth {
 public:
  static constexpr size_t kRemembered = 100;
  static constexpr int kMaxWaiting = 8;

  // Not empty; every hash passed CheckBcryptHash.
  explicit BasicAuth(std::vector<std::pair<std::string, Secret>> users);

  // Sets request.user; or the answer: 401 with WWW-Authenticate, 429 when too many are being
  // checked.
  std::optional<WebResponse> Refuse(WebRequest& request);

  // How many bcrypt checks were made so far.
  std::uint64_t checks() const;

 private:
  std::string Digest(const std::string& user, const std::string& password) const;
  bool Check(const std::string& user, const std::string& password);

  std::map<std::string, Secret> users_;
  std::string key_;
  mutable std::mutex mutex_;  // guards the next three
  std::set<std::string> remembered_;
  int waiting_ = 0;
  std::uint64_t checks_ = 0;
  std::mutex checking_;
};

}  // namespace aiops
