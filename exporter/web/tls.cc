#include "web/tls.h"

#include <civetweb.h>
#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>

namespace aiops {
namespace {

Error OpenSslError(std::string_view what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return InvalidArgument(std::string(what) + ": " + (reason != nullptr ? reason : "unreadable"));
}

// The folders in which our two libraries may lie, as built and as installed.
void LoadShim() {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  if (failed) return;
  for (const char* folder : {"tls_shim", "../tls_shim", "../lib/aiops_exporter"}) {
    const auto path = self / folder;
    if (!std::filesystem::exists(path / "libssl.so", failed)) continue;
    // Never closed: civetweb finds a loaded library by its name instead of searching for a file.
    void* crypto = dlopen((path / "libcrypto.so").c_str(), RTLD_NOW | RTLD_GLOBAL);
    void* ssl = dlopen((path / "libssl.so").c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (crypto != nullptr && ssl != nullptr) return;
  }
}

int Version(const std::string& name) {
  static const std::map<std::string, int> versions{{"TLS10", TLS1_VERSION},
                                                   {"TLS11", TLS1_1_VERSION},
                                                   {"TLS12", TLS1_2_VERSION},
                                                   {"TLS13", TLS1_3_VERSION}};
  const auto found = versions.find(name);
  return found == versions.end() ? TLS1_2_VERSION : found->second;
}

Result<void> ConfigureClients(SSL_CTX* ctx, const TlsServerOptions& options) {
  if (options.client_auth == ClientAuth::kNone) return {};
  const char* file = options.client_ca_file.c_str();
  if (SSL_CTX_load_verify_locations(ctx, file, nullptr) != 1) {
    return OpenSslError("client_ca_file " + options.client_ca_file);
  }
  SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(file));
  const bool required = options.client_auth == ClientAuth::kRequireAndVerify;
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  return {};
}

}  // namespace

Result<void> InitWebLibrary(bool tls) {
  static std::mutex mutex;
  static unsigned ready = 0;
  static bool initialized = false;
  std::lock_guard lock(mutex);
  if (tls && (ready & MG_FEATURES_SSL) == 0) {
    LoadShim();
    ready = mg_init_library(MG_FEATURES_SSL);
    if ((ready & MG_FEATURES_SSL) == 0) {
      return Unavailable(
          "the web server library cannot use OpenSSL here: TLS needs libssl.so and libcrypto.so of "
          "tls_shim next to the program (or in ../lib/aiops_exporter); reinstall, or serve plain "
          "HTTP behind a proxy that does TLS");
    }
  } else if (!initialized) {
    mg_init_library(0);
  }
  initialized = true;
  return {};
}

bool WebLibraryHasIpv6() { return mg_check_feature(MG_FEATURES_IPV6) != 0; }

Result<void> ConfigureTls(void* ssl_ctx, const TlsServerOptions& options) {
  auto* ctx = static_cast<SSL_CTX*>(ssl_ctx);
  ERR_clear_error();
  if (SSL_CTX_set_min_proto_version(ctx, Version(options.min_version)) != 1 ||
      SSL_CTX_set_max_proto_version(ctx, Version(options.max_version)) != 1) {
    return OpenSslError("min_version or max_version");
  }
  if (SSL_CTX_use_certificate_chain_file(ctx, options.cert_file.c_str()) != 1) {
    return OpenSslError("cert_file " + options.cert_file);
  }
  // No password prompt: a daemon has no terminal.
  SSL_CTX_set_default_passwd_cb(ctx, [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_PrivateKey_file(ctx, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return OpenSslError("key_file " + options.key_file);
  }
  if (SSL_CTX_check_private_key(ctx) != 1) {
    return InvalidArgument("key_file " + options.key_file + " does not belong to cert_file " +
                           options.cert_file);
  }
  return ConfigureClients(ctx, options);
}

Result<void> CheckTls(const TlsServerOptions& options) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> ctx(SSL_CTX_new(TLS_server_method()),
                                                         &SSL_CTX_free);
  if (!ctx) return Internal("OpenSSL has no TLS server method");
  return ConfigureTls(ctx.get(), options);
}

}  // namespace aiops
