#include "collect/docker/endpoint.h"

#include "collect/docker/engine.h"

namespace aiops::docker {
namespace {

TlsOptions ReadTls(const Section& section) {
  TlsOptions tls;
  tls.ca_file = section.String("ca_file", "", {.help = "CA that signed the engine's certificate."});
  tls.cert_file = section.String("cert_file", "", {.help = "Client certificate."});
  tls.key_file = section.String("key_file", "", {.help = "Its key."});
  tls.insecure_skip_verify = section.Bool(
      "insecure_skip_verify", false, {.help = "Whether to trust any certificate: for tests only."});
  return tls;
}

}  // namespace

std::optional<HttpEndpoint> ReadEndpoint(const Section& section, std::string_view fallback) {
  const auto socket = section.String(
      "socket", fallback,
      {.help = "The engine: the path of its socket (/var/run/docker.sock, "
               "/run/podman/podman.sock) or a socket proxy (tcp://host:2375). Empty: not asked."});
  auto tls = ReadTls(section.Child("tls", "For tcp:// and https:// with TLS."));
  if (socket.empty()) return std::nullopt;
  auto endpoint = ParseAddress(socket, std::move(tls));
  if (endpoint) return *std::move(endpoint);
  section.Report("socket", endpoint.error().message);
  return std::nullopt;
}

}  // namespace aiops::docker
