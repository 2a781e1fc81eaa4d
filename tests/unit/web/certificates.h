// Certificates of tests, as PEM files: CAs and what they sign.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

namespace aiops {

struct CertificateSpec {
  long valid_from = -3600;  // seconds from now
  long valid_until = 3600;
  bool is_ca = false;
  const char* extended_key_usage = nullptr;  // "serverAuth"; null: for everything
};

// A key and its certificate, signed by another of these or by itself.
class TestCertificate {
 public:
  explicit TestCertificate(const std::string& name, const CertificateSpec& spec = {},
                           const TestCertificate* issuer = nullptr)
      : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free),
        cert_(X509_new(), &X509_free) {
    static long serial = 0;
    X509_set_version(cert_.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert_.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(cert_.get()), spec.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(cert_.get()), spec.valid_until);
    X509_set_pubkey(cert_.get(), key_.get());
    X509_NAME* subject = X509_get_subject_name(cert_.get());
    const auto* common = reinterpret_cast<const unsigned char*>(name.c_str());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, common, -1, -1, 0);
    const TestCertificate& signer = issuer != nullptr ? *issuer : *this;
    X509_set_issuer_name(cert_.get(), X509_get_subject_name(signer.cert_.get()));
    if (spec.is_ca) Extend(NID_basic_constraints, "critical,CA:TRUE");
    if (spec.extended_key_usage != nullptr) Extend(NID_ext_key_usage, spec.extended_key_usage);
    X509_sign(cert_.get(), signer.key_.get(), EVP_sha256());
  }

  // Behind what the file holds already, if `append`: so a chain is made.
  void Write(const std::string& cert_file, bool append = false) const {
    std::FILE* file = std::fopen(cert_file.c_str(), append ? "a" : "w");
    PEM_write_X509(file, cert_.get());
    std::fclose(file);
  }
  void WriteKey(const std::string& key_file) const {
    std::FILE* file = std::fopen(key_file.c_str(), "w");
    PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }

 private:
  void Extend(int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(cert_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
  std::unique_ptr<X509, void (*)(X509*)> cert_;
};

// A key and a certificate that it signs itself.
inline void WriteCertificate(const std::string& cert_file, const std::string& key_file) {
  const TestCertificate made("localhost");
  made.Write(cert_file);
  made.WriteKey(key_file);
}

}  // namespace aiops
