// FakeHttpClient: answers from a script and records what was asked. For what a real peer cannot be
// made to do; everything else is tested against real servers.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "net/http_client.h"

namespace aiops {

class FakeHttpClient final : public HttpClient {
 public:
  struct Sent {
    HttpEndpoint endpoint;
    HttpRequest request;
  };
  using Handler = std::function<Result<HttpResponse>(const HttpEndpoint&, const HttpRequest&)>;

  explicit FakeHttpClient(Handler handler) : handler_(std::move(handler)) {}

  Result<HttpResponse> Send(const HttpEndpoint& endpoint, const HttpRequest& request,
                            std::stop_token stop) override {
    if (stop.stop_requested()) return Cancelled("stopped");
    std::lock_guard lock(mutex_);
    sent_.push_back({endpoint, request});
    auto response = handler_(endpoint, request);
    if (response && request.on_data) {
      request.on_data(response->body);
      response->body.clear();
    }
    return response;
  }

  std::vector<Result<HttpResponse>> SendAll(const HttpEndpoint& endpoint,
                                            std::span<const HttpRequest> requests,
                                            std::stop_token stop) override {
    std::vector<Result<HttpResponse>> out;
    for (const auto& request : requests) out.push_back(Send(endpoint, request, stop));
    return out;
  }

  std::vector<Sent> sent() const {
    std::lock_guard lock(mutex_);
    return sent_;
  }

 private:
  mutable std::mutex mutex_;
  Handler handler_;
  std::vector<Sent> sent_;
};

}  // namespace aiops
