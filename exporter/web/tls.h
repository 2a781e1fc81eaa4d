// TLS for the server: which certificate, and the way around what distributions do to civetweb.
//
// Debian's civetweb looks for OpenSSL at run time under the unversioned names libssl.so and
// libcrypto.so, and for SSL_get_peer_certificate, which OpenSSL 3 has only under another name. When
// that fails the server still starts, and the first HTTPS connection crashes the process. Two tiny
// libraries of our own with those names (tls_shim/) are loaded first and lead it to the real ones.
#pragma once

#include <string>

#include "base/result.h"

namespace aiops {

enum class ClientAuth { kNone, kVerifyIfGiven, kRequireAndVerify };

struct TlsServerOptions {
  std::string cert_file;       // PEM, the server's first, then its chain
  std::string key_file;        // PEM
  std::string client_ca_file;  // PEM; for client certificates
  ClientAuth client_auth = ClientAuth::kNone;
  std::string min_version = "TLS12";  // TLS10, TLS11, TLS12, TLS13
  std::string max_version = "TLS13";
};

// Makes the server library ready, once a process; with TLS only where `tls` is wanted. Unavailable,
// with what to do, where TLS cannot be had. Thread-safe.
Result<void> InitWebLibrary(bool tls);

// Whether the library can listen on IPv6 addresses.
bool WebLibraryHasIpv6();

// Puts certificate, key and policy into an SSL_CTX. The error names the file, never its content.
Result<void> ConfigureTls(void* ssl_ctx, const TlsServerOptions& options);

// The same on a context that is thrown away: what is wrong with the options, before a server
// starts.
Result<void> CheckTls(const TlsServerOptions& options);

}  // namespace aiops
