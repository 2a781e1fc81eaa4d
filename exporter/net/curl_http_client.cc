#include <curl/curl.h>

#include <algorithm>
#include <deque>
#include <mutex>

#include "net/curl_transfer.h"
#include "net/http_client.h"

namespace aiops {
namespace {

constexpr long kMaxConnections = 64;  // of one SendAll
constexpr size_t kMaxIdleSessions = 16;
constexpr int kPollMillis = 1000;  // only an upper bound: events, timers and stop wake it

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

// libcurl's multi handle with its kept-alive connections, and the server that they lead to.
struct Session {
  std::string server;
  std::unique_ptr<CURLM, MultiDeleter> multi;
};

std::string ServerOf(const HttpEndpoint& endpoint) {
  return endpoint.unix_socket.empty() ? endpoint.base_url : endpoint.unix_socket;
}

Session OpenSession(const std::string& server) {
  Session session{server, std::unique_ptr<CURLM, MultiDeleter>(curl_multi_init())};
  AIOPS_CHECK(session.multi != nullptr);
  curl_multi_setopt(session.multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, kMaxConnections);
  curl_multi_setopt(session.multi.get(), CURLMOPT_MAXCONNECTS, kMaxConnections);
  return session;
}

// Idle sessions, the most recently used last. Thread-safe.
class SessionPool {
 public:
  Session Borrow(const std::string& server) {
    {
      std::lock_guard lock(mutex_);
      const auto last = std::find_if(idle_.rbegin(), idle_.rend(),
                                     [&](const Session& s) { return s.server == server; });
      if (last != idle_.rend()) {
        Session session = std::move(*last);
        idle_.erase(std::next(last).base());
        return session;
      }
    }
    return OpenSession(server);
  }

  void GiveBack(Session session) {
    Session oldest;  // closed outside the lock
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(session));
    if (idle_.size() <= kMaxIdleSessions) return;
    oldest = std::move(idle_.front());
    idle_.pop_front();
  }

 private:
  std::mutex mutex_;
  std::deque<Session> idle_;
};

// The transfers of one call, driven to their ends on one session. Whatever happens, no handle stays
// in it.
class Batch {
 public:
  Batch(CURLM* multi, const HttpEndpoint& endpoint, std::span<const HttpRequest> requests)
      : multi_(multi) {
    for (const auto& request : requests) {
      transfers_.push_back(std::make_unique<CurlTransfer>(endpoint, request));
      results_.emplace_back(Start(*transfers_.back()));
    }
  }

  ~Batch() {
    for (const auto& transfer : transfers_)
      if (transfer->handle() != nullptr) curl_multi_remove_handle(multi_, transfer->handle());
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::vector<Result<HttpResponse>> Run(std::stop_token stop) {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
    while (running_ > 0 && !stop.stop_requested()) {
      int active = 0;
      if (curl_multi_perform(multi_, &active) != CURLM_OK) break;
      TakeFinished();
      if (running_ > 0) curl_multi_poll(multi_, nullptr, 0, kPollMillis, nullptr);
    }
    const auto why = stop.stop_requested() ? Cancelled("stopped") : Internal("libcurl failed");
    std::vector<Result<HttpResponse>> out;
    for (size_t i = 0; i < results_.size(); ++i)
      out.push_back(results_[i] ? std::move(*results_[i]) : transfers_[i]->Abandon(why));
    return out;
  }

 private:
  // The result, if it is known without sending anything.
  std::optional<Result<HttpResponse>> Start(CurlTransfer& transfer) {
    if (auto ready = transfer.Prepare(); !ready) return std::move(ready).error();
    if (curl_multi_add_handle(multi_, transfer.handle()) != CURLM_OK)
      return transfer.Abandon(Internal("libcurl failed"));
    ++running_;
    return std::nullopt;
  }

  void TakeFinished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const auto finished = std::find_if(
          transfers_.begin(), transfers_.end(),
          [&](const auto& transfer) { return transfer->handle() == message->easy_handle; });
      AIOPS_CHECK(finished != transfers_.end());
      results_[static_cast<size_t>(finished - transfers_.begin())] =
          (*finished)->Finish(message->data.result);
      --running_;
    }
  }

  CURLM* multi_;
  int running_ = 0;
  std::vector<std::unique_ptr<CurlTransfer>> transfers_;
  std::vector<std::optional<Result<HttpResponse>>> results_;  // empty: still running
};

class CurlHttpClient final : public HttpClient {
 public:
  Result<HttpResponse> Send(const HttpEndpoint& endpoint, const HttpRequest& request,
                            std::stop_token stop) override {
    return std::move(SendAll(endpoint, {&request, 1}, std::move(stop)).front());
  }

  std::vector<Result<HttpResponse>> SendAll(const HttpEndpoint& endpoint,
                                            std::span<const HttpRequest> requests,
                                            std::stop_token stop) override {
    auto session = pool_.Borrow(ServerOf(endpoint));
    auto results = Batch(session.multi.get(), endpoint, requests).Run(std::move(stop));
    pool_.GiveBack(std::move(session));
    return results;
  }

 private:
  SessionPool pool_;
};

}  // namespace

std::unique_ptr<HttpClient> MakeHttpClient() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  AIOPS_CHECK(initialised == CURLE_OK);
  return std::make_unique<CurlHttpClient>();
}

}  // namespace aiops
