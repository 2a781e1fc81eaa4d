#include "web/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

#include <map>
#include <memory>

namespace aiops {
namespace {

Error OpenSslError(std::string_view what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return InvalidArgument(std::string(what) + ": " + (reason != nullptr ? reason : "unreadable"));
}

int Version(const std::string& name) {
  static const std::map<std::string, int> versions{{"TLS10", TLS1_VERSION},
                                                   {"TLS11", TLS1_1_VERSION},
                                                   {"TLS12", TLS1_2_VERSION},
                                                   {"TLS13", TLS1_3_VERSION}};
  const auto found = versions.find(name);
  return found == versions.end() ? TLS1_2_VERSION : found->second;
}

// The CAs are trusted, and told to clients that have several certificates to choose from.
Result<void> LoadClientCas(SSL_CTX* ctx, const std::string& file) {
  if (file.empty()) return {};
  if (SSL_CTX_load_verify_locations(ctx, file.c_str(), nullptr) != 1)
    return OpenSslError("tls_server_config.client_ca_file " + file);
  SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(file.c_str()));
  // As in Go: an intermediate CA is enough, its root need not be in the file.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

Result<void> ConfigureClients(SSL_CTX* ctx, const TlsServerOptions& options) {
  const ClientAuth auth = options.client_auth;
  if (auth == ClientAuth::kNone) return {};
  AIOPS_TRY_VOID(LoadClientCas(ctx, options.client_ca_file));
  const bool required = auth == ClientAuth::kRequireAny || auth == ClientAuth::kRequireAndVerify;
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  if (auth == ClientAuth::kRequest || auth == ClientAuth::kRequireAny)
    SSL_CTX_set_cert_verify_callback(
        ctx, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  return {};
}

Result<void> LoadCertificate(SSL_CTX* ctx, const TlsServerOptions& options) {
  const std::string cert = "tls_server_config.cert_file " + options.cert_file;
  const std::string key = "tls_server_config.key_file " + options.key_file;
  if (SSL_CTX_use_certificate_chain_file(ctx, options.cert_file.c_str()) != 1) {
    return OpenSslError(cert);
  }
  // No password prompt: a daemon has no terminal.
  SSL_CTX_set_default_passwd_cb(ctx, [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_PrivateKey_file(ctx, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    const unsigned long code = ERR_peek_last_error();
    if (ERR_GET_LIB(code) != ERR_LIB_X509 || ERR_GET_REASON(code) != X509_R_KEY_VALUES_MISMATCH) {
      return OpenSslError(key);
    }
    ERR_clear_error();
    return InvalidArgument(key + " does not belong to " + cert);
  }
  return {};
}

// A connection that waits costs little and serves one request: no session is kept for another.
void ConfigureConnections(SSL_CTX* ctx) {
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

TlsContext::TlsContext() : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {}

Result<std::shared_ptr<const TlsContext>> TlsContext::Load(const TlsServerOptions& options) {
  std::shared_ptr<TlsContext> made(new TlsContext());
  SSL_CTX* const ctx = made->get();
  if (ctx == nullptr) return Internal("OpenSSL has no TLS server method");
  ERR_clear_error();
  ConfigureConnections(ctx);
  if (SSL_CTX_set_min_proto_version(ctx, Version(options.min_version)) != 1 ||
      SSL_CTX_set_max_proto_version(ctx, Version(options.max_version)) != 1) {
    return OpenSslError("tls_server_config.min_version or max_version");
  }
  AIOPS_TRY_VOID(LoadCertificate(ctx, options));
  AIOPS_TRY_VOID(ConfigureClients(ctx, options));
  return std::shared_ptr<const TlsContext>(std::move(made));
}

}  // namespace aiops
