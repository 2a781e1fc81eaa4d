// CurlTransfer: one request on its way through libcurl. Private to this room.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_client.h"
#include "net/request_head.h"

struct curl_slist;

namespace aiops {

// Not thread-safe, not movable: libcurl holds its address. Endpoint and request must outlive it.
class CurlTransfer {
 public:
  CurlTransfer(const HttpEndpoint& endpoint, const HttpRequest& request);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Checks the request and makes the handle. On an error there is nothing to perform.
  Result<void> Prepare();

  // libcurl's easy handle (a CURL*, which is void*); valid after Prepare().
  void* handle() const { return easy_.get(); }

  // After libcurl reported the end with this CURLcode.
  Result<HttpResponse> Finish(int code);

  // Before the end: why it was given up.
  Error Abandon(Error why) const;

 private:
  struct EasyDeleter {
    void operator()(void* easy) const;
  };
  struct ListDeleter {
    void operator()(curl_slist* list) const;
  };

  void SetTarget();
  void SetMethodAndBody();
  void SetTls();
  void SetCallbacks();
  void AddHeaderLine(const std::string& line);
  static size_t OnBody(char* data, size_t size, size_t count, void* self) noexcept;
  static size_t OnHeader(char* data, size_t size, size_t count, void* self) noexcept;
  bool TakeBody(std::string_view data);
  bool TakeHeader(std::string_view line);

  const HttpEndpoint& endpoint_;
  const HttpRequest& request_;
  RequestHead head_;
  std::unique_ptr<curl_slist, ListDeleter> lines_;
  std::unique_ptr<curl_slist, ListDeleter> connect_to_;
  std::unique_ptr<void, EasyDeleter> easy_;
  std::array<char, 256> details_{};  // CURL_ERROR_SIZE
  HttpResponse response_;
  size_t body_bytes_ = 0;
  size_t header_bytes_ = 0;
  std::optional<Error> refused_;  // why a callback stopped the transfer
};

}  // namespace aiops
