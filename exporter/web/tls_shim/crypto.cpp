// libcrypto.so, the name under which the web server library looks for OpenSSL: everything comes
// from the real library that this one needs.
extern "C" int aiops_tls_shim_crypto();
extern "C" int aiops_tls_shim_crypto() { return 0; }
