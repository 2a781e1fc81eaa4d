// How to authenticate at a server that speaks HTTP: the keys that everybody who asks or tells one
// has in common.
#pragma once

#include <string_view>

#include "config/section.h"
#include "net/http_client.h"

namespace aiops {

// Reads ca_file, cert_file, key_file, server_name and insecure_skip_verify of a section `tls`.
TlsOptions ReadTlsOptions(const Section& tls);

// Reads basic_auth, bearer_token(_file), headers and tls of `section`; the URL is the caller's.
// `each` is what is sent, for the help: "query", "post". A file with a token is read again for each
// of them and must be readable now.
HttpEndpoint ReadHttpEndpoint(const Section& section, std::string_view each);

}  // namespace aiops
