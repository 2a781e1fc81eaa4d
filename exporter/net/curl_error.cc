#include "net/curl_error.h"

#include <curl/curl.h>

#include <string>
#include <system_error>

#include "text/sanitize.h"

namespace aiops {
namespace {

std::string WithDetails(std::string_view what, std::string_view details) {
  return details.empty() ? std::string(what)
                         : std::string(what) + ": " + Sanitize(details, kMaxLabelBytes);
}

Error CannotConnect(long os_error) {
  if (os_error == 0) return Unavailable("cannot connect");
  auto reason = std::generic_category().message(static_cast<int>(os_error));
  if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z')
    reason[0] = static_cast<char>(reason[0] - 'A' + 'a');
  return Unavailable(Sanitize(reason));
}

}  // namespace

Error ErrorOfCurl(const CurlFailure& failure) {
  switch (failure.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return Unavailable("the host's name cannot be resolved");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Unavailable("the proxy's name cannot be resolved");
    case CURLE_COULDNT_CONNECT:
      return CannotConnect(failure.os_error);
    case CURLE_OPERATION_TIMEDOUT:
      return Timeout("no whole answer within " + FormatDuration(failure.timeout));
    case CURLE_GOT_NOTHING:
      return Unavailable("the connection was closed without an answer");
    case CURLE_PARTIAL_FILE:
      return Unavailable("the answer was cut short");
    case CURLE_RECV_ERROR:
      return Unavailable("the connection was lost while reading the answer");
    case CURLE_SEND_ERROR:
      return Unavailable("the connection was lost while sending");
    case CURLE_PEER_FAILED_VERIFICATION:
      return Unavailable(WithDetails("the server's certificate is not trusted", failure.details));
    case CURLE_SSL_CONNECT_ERROR:
      return Unavailable(WithDetails("the TLS handshake failed", failure.details));
    case CURLE_SSL_CACERT_BADFILE:
      return InvalidArgument("the CA file cannot be used");
    case CURLE_SSL_CERTPROBLEM:
      return InvalidArgument("the client certificate or its key cannot be used");
    case CURLE_URL_MALFORMAT:
      return InvalidArgument("the URL is malformed");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return Corruption("the answer is not HTTP");
    case CURLE_BAD_CONTENT_ENCODING:
      return Corruption("the answer's compression is broken");
    case CURLE_OUT_OF_MEMORY:
      return Internal("out of memory");
    default:
      return Unavailable(curl_easy_strerror(static_cast<CURLcode>(failure.code)));
  }
}

}  // namespace aiops
