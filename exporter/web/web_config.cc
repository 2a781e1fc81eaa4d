#include "web/web_config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "config/section.h"
#include "text/sanitize.h"
#include "web/basic_auth.h"

namespace aiops {
namespace {

std::string FromFolder(const std::filesystem::path& folder, const std::string& path) {
  if (path.empty() || path.front() == '/') return path;
  return (folder / path).string();
}

struct Unserved {
  const char* key;
  const char* remedy;
};

// What the format has and we have not: better said than silently weaker.
void RefuseUnserved(const Section& section, std::initializer_list<Unserved> all) {
  for (const auto& [key, remedy] : all) {
    if (!section.Has(key)) continue;
    section.Strings(key, {}, {.help = "Not served by this daemon."});
    section.Report(key, std::string("is not served by this daemon: ") + remedy);
  }
}

struct NamedClientAuth {
  std::string_view name;
  ClientAuth auth;
};
constexpr NamedClientAuth kClientAuths[] = {
    {"NoClientCert", ClientAuth::kNone},
    {"RequestClientCert", ClientAuth::kRequest},
    {"RequireAnyClientCert", ClientAuth::kRequireAny},
    {"RequireClientCert", ClientAuth::kRequireAny},  // its older name
    {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
    {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify}};

ClientAuth ReadClientAuth(const Section& tls) {
  std::vector<std::string_view> names;
  for (const auto& each : kClientAuths) names.push_back(each.name);
  const std::string type =
      tls.Choice("client_auth_type", names.front(), names,
                 {.help = "Whether clients must show a certificate, and which."});
  const auto* found = std::find_if(std::begin(kClientAuths), std::end(kClientAuths),
                                   [&](const NamedClientAuth& each) { return each.name == type; });
  return found == std::end(kClientAuths) ? ClientAuth::kNone : found->auth;
}

// A CA that nobody is measured by would look like protection.
void CheckClientCas(const Section& tls, const TlsServerOptions& options) {
  const bool has_cas = !options.client_ca_file.empty();
  const bool verifies = options.client_auth == ClientAuth::kVerifyIfGiven ||
                        options.client_auth == ClientAuth::kRequireAndVerify;
  if (verifies && !has_cas)
    tls.Report("client_ca_file", "is missing: client_auth_type measures certificates by it");
  if (has_cas && options.client_auth == ClientAuth::kNone) {
    tls.Report("client_ca_file",
               "has no effect without client_auth_type: set it to RequireAndVerifyClientCert, or "
               "remove client_ca_file");
  }
}

std::optional<TlsServerOptions> ReadTls(const Section& tls, const std::filesystem::path& folder) {
  TlsServerOptions options;
  options.cert_file = FromFolder(folder, tls.String("cert_file", "", {.help = "PEM certificate."}));
  options.key_file = FromFolder(folder, tls.String("key_file", "", {.help = "PEM private key."}));
  options.client_ca_file =
      FromFolder(folder, tls.String("client_ca_file", "", {.help = "PEM CA of clients."}));
  options.client_auth = ReadClientAuth(tls);
  const Spec versions{.help = "TLS versions that are spoken."};
  options.min_version =
      tls.Choice("min_version", "TLS12", {"TLS10", "TLS11", "TLS12", "TLS13"}, versions);
  options.max_version =
      tls.Choice("max_version", "TLS13", {"TLS10", "TLS11", "TLS12", "TLS13"}, versions);
  RefuseUnserved(tls, {{"cert", "write it into a file and name that in cert_file"},
                       {"key", "write it into a file and name that in key_file"},
                       {"client_ca", "write it into a file and name that in client_ca_file"},
                       {"client_allowed_sans",
                        "let a CA of its own sign the clients, name that in client_ca_file, and "
                        "remove client_allowed_sans"},
                       {"cipher_suites", "remove it; min_version: TLS13 allows the newest only"},
                       {"curve_preferences", "remove it; OpenSSL's own are used"},
                       {"prefer_server_cipher_suites", "remove it; the client's order is used"}});
  if (!tls.Present()) return std::nullopt;
  if (options.cert_file.empty()) tls.Report("cert_file", "is missing: TLS needs a certificate");
  if (options.key_file.empty()) tls.Report("key_file", "is missing: TLS needs a private key");
  CheckClientCas(tls, options);
  return options;
}

std::vector<std::pair<std::string, Secret>> ReadUsers(const Section& root) {
  std::vector<std::pair<std::string, Secret>> users;
  for (auto& [name, hash] : root.StringMap("basic_auth_users", {.help = "Users and hashes."})) {
    Secret secret(std::move(hash));
    const auto checked = CheckBcryptHash(secret);
    if (!checked) {
      root.Report("basic_auth_users", Sanitize(name, 64) + ": " + checked.error().message);
    }
    if (name.empty() || name.find(':') != std::string::npos) {
      root.Report("basic_auth_users", "a user's name is not empty and holds no colon");
    }
    users.emplace_back(name, std::move(secret));
  }
  return users;
}

std::vector<std::pair<std::string, std::string>> ReadHeaders(const Section& http) {
  constexpr std::string_view kAllowed[] = {"Strict-Transport-Security", "X-XSS-Protection"};
  http.Bool("http2", false, {.help = "Accepted for compatibility; HTTP/1.1 is spoken."});
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& [name, value] : http.StringMap("headers", {.help = "Headers on every answer."})) {
    bool known = false;
    for (const auto allowed : kAllowed) known = known || name == allowed;
    if (!known) {
      http.Report("headers", "'" + Sanitize(name, 64) +
                                 "' cannot be set: want Strict-Transport-Security or "
                                 "X-XSS-Protection (the others are always sent)");
    } else if (value != Sanitize(value, 1024)) {
      http.Report("headers", name + " holds control characters or is too long");
    } else {
      out.emplace_back(name, value);
    }
  }
  return out;
}

}  // namespace

Result<WebFileConfig> ReadWebConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    return NotFound("cannot read the web configuration file " + path +
                    " (web.config_file, flag --web.config.file)");
  }
  Sources sources;
  sources.file = path;
  sources.text = text.str();
  Document document(std::move(sources));
  const Section root = document.Root();
  WebFileConfig config;
  config.tls = ReadTls(root.Child("tls_server_config"), std::filesystem::path(path).parent_path());
  config.headers = ReadHeaders(root.Child("http_server_config"));
  config.users = ReadUsers(root);
  document.Finish();
  if (document.problems().empty()) return config;
  std::string all;
  for (const Problem& problem : document.problems()) {
    all += (all.empty() ? "" : "\n") + ToString(problem);
  }
  return InvalidArgument(all);
}

}  // namespace aiops
