#include "net/curl_transfer.h"

#include <curl/curl.h>

#include "net/curl_error.h"

#ifndef AIOPS_VERSION
#define AIOPS_VERSION "unknown"
#endif

namespace aiops {
namespace {

constexpr size_t kMaxHeaderBytes = 64u << 10;

// Only http and https, also for what a proxy variable may say.
void AllowOnlyHttp(CURL* easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

void CurlTransfer::EasyDeleter::operator()(void* easy) const { curl_easy_cleanup(easy); }
void CurlTransfer::ListDeleter::operator()(curl_slist* list) const { curl_slist_free_all(list); }

CurlTransfer::CurlTransfer(const HttpEndpoint& endpoint, const HttpRequest& request)
    : endpoint_(endpoint), request_(request) {}

Result<void> CurlTransfer::Prepare() {
  AIOPS_TRY(head_, BuildRequestHead(endpoint_, request_));
  if (request_.timeout <= Duration::zero()) return Abandon(Timeout("no time is left"));
  easy_.reset(curl_easy_init());
  if (!easy_) return Abandon(Internal("out of memory"));
  SetTarget();
  SetMethodAndBody();
  SetTls();
  SetCallbacks();
  return {};
}

void CurlTransfer::SetTarget() {
  CURL* easy = handle();
  curl_easy_setopt(easy, CURLOPT_URL, head_.url.c_str());
  AllowOnlyHttp(easy);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.timeout.count()));
#if LIBCURL_VERSION_NUM >= 0x075700
  // Giving up must not wait for a resolver thread that is stuck on a dead name server.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
  if (!endpoint_.unix_socket.empty())
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, endpoint_.unix_socket.c_str());
  if (request_.once) {
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  }
  if (head_.no_proxy) curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

void CurlTransfer::SetMethodAndBody() {
  CURL* easy = handle();
  if (head_.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (head_.method != "GET" || !request_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, head_.method.c_str());
    // libcurl would claim a form, and wait for "100 Continue" before a long body.
    if (request_.content_type.empty()) AddHeaderLine("Content-Type:");
    AddHeaderLine("Expect:");
  }
  for (const auto& line : head_.headers) AddHeaderLine(line);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines_.get());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "aiops_exporter/" AIOPS_VERSION);
  if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_LIBZ) != 0)
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
}

void CurlTransfer::SetTls() {
  CURL* easy = handle();
  const auto& tls = endpoint_.tls;
  if (!head_.connect_to.empty()) {
    connect_to_.reset(curl_slist_append(nullptr, head_.connect_to.c_str()));
    curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_.get());
  }
  if (!tls.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
  if (!tls.cert_file.empty()) curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.cert_file.c_str());
  if (!tls.key_file.empty()) curl_easy_setopt(easy, CURLOPT_SSLKEY, tls.key_file.c_str());
  if (tls.insecure_skip_verify) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

void CurlTransfer::SetCallbacks() {
  CURL* easy = handle();
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, details_.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
}

void CurlTransfer::AddHeaderLine(const std::string& line) {
  lines_.reset(curl_slist_append(lines_.release(), line.c_str()));
}

size_t CurlTransfer::OnBody(char* data, size_t size, size_t count, void* self) noexcept {
  const size_t bytes = size * count;
  return static_cast<CurlTransfer*>(self)->TakeBody({data, bytes}) ? bytes : bytes + 1;
}

size_t CurlTransfer::OnHeader(char* data, size_t size, size_t count, void* self) noexcept {
  const size_t bytes = size * count;
  return static_cast<CurlTransfer*>(self)->TakeHeader({data, bytes}) ? bytes : bytes + 1;
}

bool CurlTransfer::TakeBody(std::string_view data) {
  if (data.size() > request_.max_body_bytes - body_bytes_) {
    refused_ = Corruption("the answer is longer than " + std::to_string(request_.max_body_bytes) +
                          " bytes");
    return false;
  }
  body_bytes_ += data.size();
  if (!request_.on_data) {
    response_.body += data;
    return true;
  }
  if (request_.on_data(data)) return true;
  refused_ = Cancelled("its receiver stopped it");
  return false;
}

bool CurlTransfer::TakeHeader(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    refused_ = Corruption("the answer's headers are too long");
    return false;
  }
  // A new status line: what came before was an interim answer (1xx) or a proxy's.
  if (line.starts_with("HTTP/")) {
    response_.headers.clear();
    return true;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  response_.headers.emplace_back(LowerCase(Trim(line.substr(0, colon))),
                                 Trim(line.substr(colon + 1)));
  return true;
}

Result<HttpResponse> CurlTransfer::Finish(int code) {
  if (refused_) return Abandon(*refused_);
  if (code != CURLE_OK) {
    long os_error = 0;
    curl_easy_getinfo(handle(), CURLINFO_OS_ERRNO, &os_error);
    return Abandon(ErrorOfCurl({code, os_error, details_.data(), request_.timeout}));
  }
  long status = 0;
  curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

Error CurlTransfer::Abandon(Error why) const {
  long sent = 0;
  if (easy_) curl_easy_getinfo(handle(), CURLINFO_REQUEST_SIZE, &sent);
  why.perhaps_done = sent > 0;
  return std::move(why).Wrap(head_.shown);
}

}  // namespace aiops
