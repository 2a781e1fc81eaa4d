#include "web/front/workers.h"

#include <civetweb.h>

#include <cstring>
#include <exception>
#include <future>
#include <mutex>
#include <string>

#include "base/log.h"
#include "base/time.h"
#include "text/sanitize.h"
#include "web/front/request_head.h"
#include "web/front/request_parser.h"

namespace aiops {
namespace {

std::string Header(const mg_connection* connection, const char* name) {
  const char* value = mg_get_header(connection, name);
  return value != nullptr ? value : "";
}

void Write(mg_connection* connection, const WebResponse& response, const HeaderList& headers,
           bool with_body) {
  const std::string out = RenderAnswer(response, headers, with_body);
  mg_write(connection, out.data(), out.size());
}

// The front read and checked it; this is it again.
WebRequest Read(mg_connection* connection, const mg_request_info& info) {
  WebRequest request;
  request.method = info.request_method;
  request.path = info.local_uri_raw != nullptr ? info.local_uri_raw : "";
  request.query = info.query_string != nullptr ? info.query_string : "";
  for (const CarriedField& field : kCarriedFields) {
    request.*field.value = Header(connection, field.name.data());
  }
  request.remote = Header(connection, kHopPeer);
  request.tls = Header(connection, kHopTls) == "1";
  char buffer[4096];
  int n = 0;
  while (info.content_length > 0 && (n = mg_read(connection, buffer, sizeof(buffer))) > 0) {
    request.body.append(buffer, static_cast<size_t>(n));
  }
  return request;
}

}  // namespace

struct Workers::Impl {
  explicit Impl(WorkersOptions o) : options(std::move(o)) {}

  WorkersOptions options;
  mg_context* context = nullptr;
  std::mutex mutex;
  std::string last_message;  // of the library, for a start that failed

  static Impl& Of(const mg_connection* connection) {
    return *static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
  }

  WebResponse Answer(mg_connection* connection, const mg_request_info& info) const {
    if (!options.hop.Opens(Header(connection, kHopKey))) {
      options.refused(403);
      return ErrorResponse(403, "this port is the daemon's own: ask at web.listen_address");
    }
    try {
      return options.handle(Read(connection, info));
    } catch (const std::exception& e) {
      LogError("request failed", {{"err", e.what()}});
      return ErrorResponse(500, "an internal error; the log tells more");
    }
  }

  static int OnRequest(mg_connection* connection) {
    const mg_request_info& info = *mg_get_request_info(connection);
    const Impl& self = Of(connection);
    const WebResponse response = self.Answer(connection, info);
    const bool head = std::strcmp(info.request_method, "HEAD") == 0;
    Write(connection, response, self.options.headers(), !head);
    return response.status;
  }

  static int OnError(mg_connection* connection, int status, const char*) {
    const Impl& self = Of(connection);
    self.options.refused(status);
    Write(connection, ErrorResponse(status, "this is not a request that can be understood"),
          self.options.headers(), true);
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
};

Result<std::unique_ptr<Workers>> Workers::Start(WorkersOptions options) {
  static std::once_flag once;
  std::call_once(once, [] { mg_init_library(0); });
  auto impl = std::make_unique<Impl>(std::move(options));
  const std::string threads = std::to_string(impl->options.threads);
  const std::string allowed = "-0.0.0.0/0,+" + impl->options.hop.source();
  // What the front lets in, and the hop's own headers.
  const std::string head = std::to_string(2 * kMaxRequestHead);
  const char* settings[] = {"listening_ports",
                            "127.0.0.1:0",
                            "access_control_list",
                            allowed.c_str(),
                            "num_threads",
                            threads.c_str(),
                            "max_request_size",
                            head.c_str(),
                            "request_timeout_ms",
                            "10000",  // as long as a busy machine may hold up the front
                            "tcp_nodelay",
                            "1",
                            "enable_keep_alive",
                            "no",
                            "decode_url",
                            "no",
                            "enable_auth_domain_check",
                            "no",
                            "enable_directory_listing",
                            "no",
                            nullptr};
  mg_callbacks callbacks{};
  callbacks.begin_request = &Impl::OnRequest;
  callbacks.http_error = &Impl::OnError;
  callbacks.log_message = &Impl::OnLog;
  impl->context = mg_start(&callbacks, impl.get(), settings);
  if (impl->context == nullptr) {
    return Unavailable("the web server's threads did not start: " + impl->last_message);
  }
  return std::unique_ptr<Workers>(new Workers(std::move(impl)));
}

Workers::Workers(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

// The library looks only every two seconds whether it shall stop, unless somebody connects.
Workers::~Workers() {
  const int knock_at = port();
  auto stopped = std::async(std::launch::async, [this] { mg_stop(impl_->context); });
  do {
    (void)impl_->options.hop.Connect(knock_at);
  } while (stopped.wait_for(milliseconds(10)) != std::future_status::ready);
}

int Workers::port() const {
  mg_server_port port{};
  return mg_get_server_ports(impl_->context, 1, &port) > 0 ? port.port : 0;
}

}  // namespace aiops
