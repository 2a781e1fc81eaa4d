// Keeps a server that repeats what it was sent from putting our secrets into an error.
#pragma once

#include "net/http_client.h"

namespace aiops {

// Of an answer that is not 2xx: the endpoint's password, token and header values in the body become
// "*". A 401 or 403 loses its body: a token that was read from a file is not known here.
void RedactSecrets(const HttpEndpoint& endpoint, HttpResponse& response);

}  // namespace aiops
