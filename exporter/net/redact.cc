#include "net/redact.h"

#include "text/base64.h"

namespace aiops {
namespace {

void Erase(std::string& text, const std::string& secret) {
  for (size_t at = 0; (at = text.find(secret, at)) != std::string::npos; ++at)
    text.replace(at, secret.size(), "*");
}

// As it is, and as it stands in a URL or in a header.
void Redact(std::string& text, const Secret& secret) {
  if (secret.empty()) return;
  Erase(text, secret.Reveal());
  Erase(text, UrlEncode(secret.Reveal()));
  Erase(text, ToBase64(secret.Reveal()));
}

}  // namespace

void RedactSecrets(const HttpEndpoint& endpoint, HttpResponse& response) {
  if (response.status / 100 == 2) return;
  if (response.status == 401 || response.status == 403) response.body.clear();
  Redact(response.body, endpoint.basic_password);
  if (!endpoint.basic_password.empty())  // as the header carries it
    Redact(response.body,
           Secret(ToBase64(endpoint.basic_user + ":" + endpoint.basic_password.Reveal())));
  Redact(response.body, endpoint.bearer_token);
  if (!endpoint.secret_path.empty())
    Redact(response.body, Secret(endpoint.secret_path.Reveal().substr(1)));
  for (const auto& [name, value] : endpoint.headers) Redact(response.body, value);
}

}  // namespace aiops
