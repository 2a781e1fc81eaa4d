#include "web/server.h"

#include <atomic>
#include <mutex>
#include <optional>

#include "web/api.h"
#include "web/guard.h"
#include "web/listen_address.h"
#include "web/transport.h"
#include "web/web_settings.h"

namespace aiops {

struct WebServer::Impl {
  Impl(const WebOptions& o, const WebContext& c)
      : router(ApiRoutes({c.clock, c.view, c.commands, c.store, requests, stopping,
                          [this] { return Policy()->per_feature_series_limit; }})) {
    policy = std::make_shared<const WebPolicy>(o.policy);
  }

  RequestCounter requests;
  std::atomic<bool> stopping{false};
  Router router;
  std::unique_ptr<LiveWebSettings> settings;
  std::mutex mutex;  // guards policy
  std::shared_ptr<const WebPolicy> policy;
  std::unique_ptr<Transport> transport;  // last: its threads use all of the above

  std::shared_ptr<const WebPolicy> Policy() {
    std::lock_guard lock(mutex);
    return policy;
  }

  // Who asks comes first, then from where, then what: a stranger learns nothing about paths.
  WebResponse Answer(WebRequest request) {
    if (const auto users = settings->Current()->auth) {
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

Result<void> CheckWebOptions(const WebOptions& options) {
  AIOPS_TRY_VOID(ParseListenAddress(options.listen_address));
  const SystemClock clock;
  AIOPS_TRY_VOID(LiveWebSettings::Open(options.config_file, clock));
  return {};
}

Result<std::unique_ptr<WebServer>> WebServer::Open(const WebOptions& options, WebContext context) {
  auto impl = std::make_unique<Impl>(options, context);
  AIOPS_TRY(impl->settings, LiveWebSettings::Open(options.config_file, context.clock));

  TransportOptions transport{context.clock, options.listen_address, options.max_connections};
  transport.headers = [self = impl.get()] { return self->settings->Current()->headers; };
  transport.tls = [self = impl.get()] { return self->settings->Current()->tls; };
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
bool WebServer::tls() const { return impl_->settings->Current()->tls != nullptr; }

void WebServer::SetPolicy(WebPolicy policy) {
  auto made = std::make_shared<const WebPolicy>(std::move(policy));
  std::lock_guard lock(impl_->mutex);
  impl_->policy = std::move(made);
}

Result<void> WebServer::ReloadUsers() { return impl_->settings->Reload(); }

}  // namespace aiops
