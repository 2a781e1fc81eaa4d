// libssl.so, the name under which the web server library looks for OpenSSL: everything comes from
// the real library that this one needs, and the one name that OpenSSL 3 keeps only as a macro from
// here.
#include <openssl/ssl.h>

#undef SSL_get_peer_certificate

extern "C" X509* SSL_get_peer_certificate(const SSL* ssl);
extern "C" X509* SSL_get_peer_certificate(const SSL* ssl) { return SSL_get1_peer_certificate(ssl); }
