#include "web/transport.h"

#include <civetweb.h>

#include <condition_variable>
#include <cstring>
#include <exception>
#include <future>
#include <mutex>
#include <optional>

#include "base/log.h"
#include "base/time.h"
#include "text/sanitize.h"
#include "web/listen_address.h"

namespace aiops {
namespace {

constexpr auto kLastAnswers = std::chrono::seconds(2);  // that a stop waits for them

constexpr std::string_view kSecurityHeaders =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'\r\n"
    "Cache-Control: no-store\r\n"
    "Connection: close\r\n";

using Headers = std::vector<std::pair<std::string, std::string>>;

void Write(mg_connection* connection, const WebResponse& response, const Headers& common,
           bool with_body) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out += StatusText(response.status);
  out += "\r\nContent-Type: " + response.content_type;
  out += "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n";
  out += kSecurityHeaders;
  for (const Headers* headers : {&common, &response.headers}) {
    for (const auto& [name, value] : *headers) out += name + ": " + value + "\r\n";
  }
  out += "\r\n";
  if (with_body) out += response.body;
  mg_write(connection, out.data(), out.size());
}

// The one value of a header; nullopt in `ok` where it occurs more than once.
std::string Header(const mg_request_info& info, const char* name, bool& twice) {
  std::string value;
  bool seen = false;
  for (int i = 0; i < info.num_headers; ++i) {
    if (strcasecmp(info.http_headers[i].name, name) != 0) continue;
    twice = twice || seen;
    seen = true;
    value = info.http_headers[i].value;
  }
  return value;
}

// What is wrong with how the body is framed, if anything.
std::optional<WebResponse> RefuseFraming(const mg_request_info& info, bool& has_body) {
  bool twice = false;
  const std::string length = Header(info, "Content-Length", twice);
  const std::string coding = Header(info, "Transfer-Encoding", twice);
  if (twice) return ErrorResponse(400, "Content-Length or Transfer-Encoding occurs twice");
  if (!length.empty() && !coding.empty()) {
    return ErrorResponse(400, "Content-Length and Transfer-Encoding exclude each other");
  }
  if (length.find_first_not_of("0123456789") != std::string::npos) {
    return ErrorResponse(400, "Content-Length is not a number");
  }
  if (length.size() > 18 || info.content_length > kMaxRequestBody) {
    return ErrorResponse(413, "the body is larger than 64 KiB");
  }
  has_body = !coding.empty() || (!length.empty() && info.content_length > 0);
  return std::nullopt;
}

std::optional<WebResponse> ReadBody(mg_connection* connection, long long expected,
                                    std::string& body) {
  char buffer[4096];
  int n = 0;
  while ((n = mg_read(connection, buffer, sizeof(buffer))) > 0) {
    body.append(buffer, static_cast<size_t>(n));
    if (static_cast<long long>(body.size()) > kMaxRequestBody) {
      return ErrorResponse(413, "the body is larger than 64 KiB");
    }
  }
  const bool cut = expected > 0 && static_cast<long long>(body.size()) != expected;
  if (n < 0 || cut) return ErrorResponse(400, "the body ended before its end");
  return std::nullopt;
}

// Fills `request`; an answer if it is not a request that we serve.
std::optional<WebResponse> Read(mg_connection* connection, const mg_request_info& info,
                                WebRequest& request) {
  bool has_body = false, twice = false;
  if (auto refused = RefuseFraming(info, has_body)) return refused;
  request.method = info.request_method;
  request.path = info.local_uri_raw != nullptr ? info.local_uri_raw : "";
  request.query = info.query_string != nullptr ? info.query_string : "";
  request.host = Header(info, "Host", twice);
  request.origin = Header(info, "Origin", twice);
  request.content_type = Header(info, "Content-Type", twice);
  request.authorization = Header(info, "Authorization", twice);
  if (twice) return ErrorResponse(400, "a header that must occur once occurs twice");
  bool ignored = false;
  request.accept = Header(info, "Accept", ignored);
  request.user_agent = Header(info, "User-Agent", ignored);
  request.remote = info.remote_addr;
  request.tls = info.is_ssl != 0;
  const std::string target = info.request_uri != nullptr ? info.request_uri : "";
  if (const size_t scheme = target.find("://"); scheme != std::string::npos && target[0] != '/') {
    const size_t start = scheme + 3;
    request.host = target.substr(start, target.find('/', start) - start);
  }
  const bool http11 = info.http_version != nullptr && std::strcmp(info.http_version, "1.1") == 0;
  if (request.host.empty() && http11) return ErrorResponse(400, "the Host header is missing");
  if (!has_body) return std::nullopt;
  return ReadBody(connection, info.content_length, request.body);
}

}  // namespace

struct Transport::Impl {
  TransportOptions options;
  mg_context* context = nullptr;
  std::mutex mutex;
  std::string last_message;  // of the library, for a start that failed
  int in_flight = 0;         // requests between their first byte and their answer
  std::condition_variable answered;

  struct InFlight {
    explicit InFlight(Impl& i) : impl(i) {
      std::lock_guard lock(impl.mutex);
      ++impl.in_flight;
    }
    ~InFlight() {
      std::lock_guard lock(impl.mutex);
      --impl.in_flight;
      impl.answered.notify_all();
    }
    Impl& impl;
  };

  WebResponse Answer(mg_connection* connection, const mg_request_info& info) {
    try {
      WebRequest request;
      if (auto refused = Read(connection, info, request)) {
        options.refused(refused->status);
        return *refused;
      }
      return options.handle(std::move(request));
    } catch (const std::exception& e) {
      LogError("request failed", {{"err", e.what()}});
      return ErrorResponse(500, "an internal error; the log tells more");
    }
  }

  static Impl& Of(const mg_connection* connection) {
    return *static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
  }

  static int OnRequest(mg_connection* connection) {
    const mg_request_info& info = *mg_get_request_info(connection);
    Impl& self = Of(connection);
    const InFlight counted(self);
    const WebResponse response = self.Answer(connection, info);
    const bool head = std::strcmp(info.request_method, "HEAD") == 0;
    Write(connection, response, self.options.headers, !head);
    return response.status;
  }

  static int OnError(mg_connection* connection, int status, const char*) {
    Impl& self = Of(connection);
    self.options.refused(status);
    Write(connection, ErrorResponse(status, "this is not a request that can be understood"),
          self.options.headers, true);
    return 0;
  }

  static int OnLog(const mg_connection* connection, const char* message) {
    LogDebug("web server", {{"message", Sanitize(message)}});
    if (connection != nullptr && mg_get_context(connection) != nullptr) {
      Impl& self = Of(connection);
      std::lock_guard lock(self.mutex);
      self.last_message = Sanitize(message);
    }
    return 1;
  }

  static int OnInitSsl(void* ssl_ctx, void* user_data) {
    const auto& self = *static_cast<Impl*>(user_data);
    const auto done = ConfigureTls(ssl_ctx, *self.options.tls);
    if (!done) LogError("cannot set up TLS", {{"err", done.error().message}});
    return done ? 1 : -1;
  }
};

namespace {

Result<std::string> ListeningPorts(const TransportOptions& options) {
  AIOPS_TRY(const ListenAddress address, ParseListenAddress(options.listen_address));
  if (address.ipv6 && !WebLibraryHasIpv6()) {
    return InvalidArgument(
        "this build's web server library has no IPv6: set web.listen_address (flag "
        "--web.listen-address) to an IPv4 address");
  }
  AIOPS_TRY_VOID(ProbeListenAddress(address));
  const std::string port = std::to_string(address.port) + (options.tls != nullptr ? "s" : "");
  if (address.host.empty()) return (WebLibraryHasIpv6() ? "+" : "") + port;
  return (address.ipv6 ? "[" + address.host + "]:" : address.host + ":") + port;
}

}  // namespace

Result<std::unique_ptr<Transport>> Transport::Open(TransportOptions options) {
  AIOPS_TRY_VOID(InitWebLibrary(options.tls != nullptr));
  if (options.tls != nullptr) AIOPS_TRY_VOID(CheckTls(*options.tls));
  AIOPS_TRY(const std::string ports, ListeningPorts(options));
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);

  const std::string threads = std::to_string(impl->options.max_connections);
  const char* settings[] = {"listening_ports",
                            ports.c_str(),
                            "num_threads",
                            threads.c_str(),
                            "request_timeout_ms",
                            "10000",
                            "enable_keep_alive",
                            "no",
                            "decode_url",
                            "no",
                            "listen_backlog",
                            "200",
                            "enable_auth_domain_check",
                            "no",
                            "enable_directory_listing",
                            "no",
                            nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = &Impl::OnRequest;
  callbacks.http_error = &Impl::OnError;
  callbacks.log_message = &Impl::OnLog;
  if (impl->options.tls != nullptr) callbacks.init_ssl = &Impl::OnInitSsl;
  impl->context = mg_start(&callbacks, impl.get(), settings);
  impl->options.tls = nullptr;
  if (impl->context == nullptr) {
    return Unavailable("the web server did not start on " + impl->options.listen_address + ": " +
                       impl->last_message);
  }
  return std::unique_ptr<Transport>(new Transport(std::move(impl)));
}

Transport::Transport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

// The library looks only every two seconds whether it shall stop, unless somebody connects.
Transport::~Transport() {
  auto address = ParseListenAddress(impl_->options.listen_address);
  address->port = port();
  {
    // Once told to stop, the library drops answers that are being written.
    std::unique_lock lock(impl_->mutex);
    impl_->answered.wait_for(lock, kLastAnswers, [this] { return impl_->in_flight == 0; });
  }
  auto stopped = std::async(std::launch::async, [this] { mg_stop(impl_->context); });
  do {
    Knock(*address);
  } while (stopped.wait_for(milliseconds(10)) != std::future_status::ready);
}

int Transport::port() const {
  mg_server_port port{};
  return mg_get_server_ports(impl_->context, 1, &port) > 0 ? port.port : 0;
}

}  // namespace aiops
