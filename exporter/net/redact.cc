#include "net/redact.h"

#include "text/base64.h"

namespace aiops {
namespace {

void Redact(std::string& text, const Secret& secret) {
  if (secret.empty()) return;
  for (size_t at = 0; (at = text.find(secret.Reveal(), at)) != std::string::npos; ++at)
    text.replace(at, secret.Reveal().size(), "*");
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
  for (const auto& [name, value] : endpoint.headers) Redact(response.body, value);
}

}  // namespace aiops
