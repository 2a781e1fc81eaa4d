#include "collect/docker/endpoint.h"

#include "collect/docker/engine.h"
#include "config/http_options.h"

namespace aiops::docker {

std::optional<HttpEndpoint> ReadEndpoint(const Section& section, std::string_view fallback) {
  const auto socket = section.String(
      "socket", fallback,
      {.help = "The engine: the path of its socket (/var/run/docker.sock, "
               "/run/podman/podman.sock) or a socket proxy (tcp://host:2375). Empty: not asked."});
  auto tls = ReadTlsOptions(section.Child("tls", "For tcp:// and https:// with TLS."));
  if (socket.empty()) return std::nullopt;
  auto endpoint = ParseAddress(socket, std::move(tls));
  if (endpoint) return *std::move(endpoint);
  section.Report("socket", endpoint.error().message);
  return std::nullopt;
}

}  // namespace aiops::docker
