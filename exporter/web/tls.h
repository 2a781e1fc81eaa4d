// TLS for the server: which certificate, and which clients.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;

namespace aiops {

// As Go's tls.ClientAuthType, by whose names the web configuration file calls them. Only the last
// keeps strangers out: the others are for what stands behind, or for certificates of any CA.
enum class ClientAuth {
  kNone,              // NoClientCert: none is asked for
  kRequest,           // RequestClientCert: asked for, never looked at
  kRequireAny,        // RequireAnyClientCert: must be there, of whatever CA and however old
  kVerifyIfGiven,     // VerifyClientCertIfGiven: need not be there
  kRequireAndVerify,  // RequireAndVerifyClientCert: must be of client_ca_file, and valid now
};

struct TlsServerOptions {
  std::string cert_file;       // PEM, the server's first, then its chain
  std::string key_file;        // PEM
  std::string client_ca_file;  // PEM; clients' certificates may end in any of these
  ClientAuth client_auth = ClientAuth::kNone;
  std::string min_version = "TLS12";  // TLS10, TLS11, TLS12, TLS13
  std::string max_version = "TLS13";
};

// Certificate, key and policy, ready for connections. Immutable, so thread-safe; a connection that
// was made from it may outlive it.
class TlsContext {
 public:
  // Reads the files. The error names the file and its key, never its content.
  static Result<std::shared_ptr<const TlsContext>> Load(const TlsServerOptions& options);

  ssl_ctx_st* get() const { return context_.get(); }

 private:
  TlsContext();
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
};

}  // namespace aiops
