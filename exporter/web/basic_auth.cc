#include "web/basic_auth.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <iterator>
#include <memory>

namespace aiops {
namespace {

constexpr size_t kMaxPassword = 72;  // bcrypt reads no further
constexpr size_t kHashLength = 60;

bool Equal(const std::string& a, const std::string& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<std::string> DecodeBase64(const std::string& text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 1024) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(text.data()),
                                static_cast<int>(text.size()));
  if (n < 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<size_t>(n) - padding);
  return out;
}

// "Basic <base64 of user:password>".
std::optional<std::pair<std::string, std::string>> Credentials(const std::string& header) {
  if (header.size() < 7 || header.compare(1, 5, "asic ") != 0 || (header[0] | 32) != 'b') {
    return std::nullopt;
  }
  const auto decoded = DecodeBase64(header.substr(6));
  if (!decoded) return std::nullopt;
  const size_t colon = decoded->find(':');
  if (colon == std::string::npos || decoded->find('\0') != std::string::npos) return std::nullopt;
  return std::pair(decoded->substr(0, colon), decoded->substr(colon + 1));
}

WebResponse Unauthorized() {
  WebResponse response = ErrorResponse(401, "name and password are needed");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"aiops_exporter\"");
  return response;
}

bool BcryptMatches(const std::string& password, const std::string& hash) {
  const auto data = std::make_unique<crypt_data>();
  const char* made = crypt_r(password.c_str(), hash.c_str(), data.get());
  const bool matches = made != nullptr && Equal(made, hash);
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  return matches;
}

}  // namespace

Result<void> CheckBcryptHash(const Secret& hash) {
  const std::string& text = hash.Reveal();
  const bool bcrypt = text.size() == kHashLength && text.starts_with("$2") && text[3] == '$' &&
                      std::string_view("aby").find(text[2]) != std::string_view::npos &&
                      text[6] == '$';
  if (!bcrypt) {
    return InvalidArgument(
        "want a bcrypt hash ($2y$..., 60 characters), as `htpasswd -nBC 10 \"\"` prints it");
  }
  const std::string cost = text.substr(4, 2);
  if (cost < "04" || cost > "16" || cost.find_first_not_of("0123456789") != std::string::npos) {
    return InvalidArgument("found a bcrypt cost of " + cost + ", want 04 to 16 (10 is usual)");
  }
  return {};
}

BasicAuth::BasicAuth(std::vector<std::pair<std::string, Secret>> users) : key_(32, '\0') {
  for (auto& [name, hash] : users) users_.emplace(std::move(name), std::move(hash));
  AIOPS_CHECK(!users_.empty());
  AIOPS_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()), 32) == 1);
}

std::string BasicAuth::Digest(const std::string& user, const std::string& password) const {
  const std::string text = user + '\0' + password;
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  out.resize(length);
  return out;
}

bool BasicAuth::Check(const std::string& user, const std::string& password) {
  const auto found = users_.find(user);
  // An unknown name costs what one of the known ones does, and the same every time.
  const auto stand_in = static_cast<unsigned char>(Digest(user, {}).front()) % users_.size();
  const Secret& hash =
      (found != users_.end() ? found : std::next(users_.begin(), static_cast<long>(stand_in)))
          ->second;
  std::lock_guard one_at_a_time(checking_);
  return BcryptMatches(password, hash.Reveal()) && found != users_.end();
}

std::optional<WebResponse> BasicAuth::Refuse(WebRequest& request) {
  const auto credentials = Credentials(request.authorization);
  if (!credentials || credentials->second.size() > kMaxPassword) return Unauthorized();
  const auto& [user, password] = *credentials;
  const std::string digest = Digest(user, password);
  {
    std::lock_guard lock(mutex_);
    if (remembered_.contains(digest)) {
      request.user = user;
      return std::nullopt;
    }
    if (waiting_ >= kMaxWaiting) {
      return ErrorResponse(429, "too many passwords are being checked; try again");
    }
    ++waiting_;
    ++checks_;
  }
  const bool right = Check(user, password);
  std::lock_guard lock(mutex_);
  --waiting_;
  if (!right) return Unauthorized();
  if (remembered_.size() >= kRemembered) remembered_.clear();
  remembered_.insert(digest);
  request.user = user;
  return std::nullopt;
}

std::uint64_t BasicAuth::checks() const {
  std::lock_guard lock(mutex_);
  return checks_;
}

}  // namespace aiops
