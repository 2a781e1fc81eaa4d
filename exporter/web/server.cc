#include "web/server.h"

#include <atomic>
#include <mutex>
#include <optional>

#include "web/api.h"
#include "web/basic_auth.h"
#include "web/guard.h"
#include "web/transport.h"
#include "web/web_config.h"

namespace aiops {

struct WebServer::Impl {
  Impl(const WebOptions& o, const WebContext& c)
      : options(o),
        router(ApiRoutes({c.clock, c.view, c.commands, c.store, requests, stopping,
                          [this] { return Policy()->per_feature_series_limit; }})) {
    policy = std::make_shared<const WebPolicy>(o.policy);
  }

  const WebOptions options;
  RequestCounter requests;
  std::atomic<bool> stopping{false};
  Router router;
  bool tls = false;
  std::mutex mutex;  // guards the two pointers
  std::shared_ptr<const WebPolicy> policy;
  std::shared_ptr<BasicAuth> auth;       // null: everybody may
  std::unique_ptr<Transport> transport;  // last: its threads use all of the above

  std::shared_ptr<const WebPolicy> Policy() {
    std::lock_guard lock(mutex);
    return policy;
  }
  std::shared_ptr<BasicAuth> Auth() {
    std::lock_guard lock(mutex);
    return auth;
  }
  void SetUsers(const std::vector<std::pair<std::string, Secret>>& users) {
    auto made = users.empty() ? nullptr : std::make_shared<BasicAuth>(users);
    std::lock_guard lock(mutex);
    auth = std::move(made);
  }

  // Who asks comes first, then from where, then what: a stranger learns nothing about paths.
  WebResponse Answer(WebRequest request) {
    if (const auto users = Auth()) {
      if (auto refused = users->Refuse(request)) return *refused;
    }
    if (request.method != "GET" && request.method != "HEAD") {
      const auto now = Policy();
      const auto refused = RefuseForeign({now->external_url, now->allowed_hosts}, request);
      if (refused) return ErrorResponse(403, *refused);
    }
    return router.Dispatch(std::move(request));
  }

  WebResponse Handle(WebRequest request) {
    const std::string handler = router.HandlerName(request.path);
    WebResponse response = Answer(std::move(request));
    requests.Count(response.status, handler);
    return response;
  }
};

Result<std::unique_ptr<WebServer>> WebServer::Open(const WebOptions& options, WebContext context) {
  WebFileConfig file;
  if (!options.config_file.empty()) {
    AIOPS_TRY(file, ReadWebConfig(options.config_file));
  }
  auto impl = std::make_unique<Impl>(options, context);
  impl->SetUsers(file.users);
  impl->tls = file.tls.has_value();

  TransportOptions transport;
  transport.listen_address = options.listen_address;
  transport.max_connections = options.max_connections;
  transport.tls = file.tls ? &*file.tls : nullptr;
  transport.headers = file.headers;
  transport.handle = [self = impl.get()](WebRequest request) {
    return self->Handle(std::move(request));
  };
  transport.refused = [self = impl.get()](int status) { self->requests.Count(status, "other"); };
  AIOPS_TRY(impl->transport, Transport::Open(std::move(transport)));
  return std::unique_ptr<WebServer>(new WebServer(std::move(impl)));
}

WebServer::WebServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

WebServer::~WebServer() { impl_->stopping = true; }

int WebServer::port() const { return impl_->transport->port(); }
bool WebServer::tls() const { return impl_->tls; }

void WebServer::SetPolicy(WebPolicy policy) {
  auto made = std::make_shared<const WebPolicy>(std::move(policy));
  std::lock_guard lock(impl_->mutex);
  impl_->policy = std::move(made);
}

Result<void> WebServer::ReloadUsers() {
  if (impl_->options.config_file.empty()) return {};
  AIOPS_TRY(const WebFileConfig file, ReadWebConfig(impl_->options.config_file));
  impl_->SetUsers(file.users);
  return {};
}

}  // namespace aiops
