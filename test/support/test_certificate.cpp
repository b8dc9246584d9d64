#include "support/test_certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>
#include <string_view>

#include "base/digest.hpp"
#include "base/ip_address.hpp"

namespace distd::test {
namespace {

std::string text_of(BIO* bio) {
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bio, &text);
    std::string out(text, static_cast<std::size_t>(size));
    BIO_free(bio);
    return out;
}

void add_extension(X509* c, int which, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, c, c, nullptr, nullptr, 0);
    auto* e = X509V3_EXT_conf_nid(nullptr, &context, which, value.c_str());
    if (!e) throw std::runtime_error("a certificate of the test cannot be made: " + value);
    X509_add_ext(c, e, -1);
    X509_EXTENSION_free(e);
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) {
        const bool is_address = parse_ip_address(name).has_value();
        out.append(out.empty() ? "" : ",").append(is_address ? "IP:" : "DNS:").append(name);
    }
    return out;
}

}  // namespace

struct test_certificate::impl {
    X509* certificate = X509_new();
    EVP_PKEY* key = nullptr;
    ~impl() {
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
};

test_certificate::test_certificate(const certificate_wish& wish, const test_certificate* signed_by)
    : impl_(std::make_unique<impl>()) {
    static std::atomic<long> serial = 1;
    auto* c = impl_->certificate;
    impl_->key =
        wish.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(wish.rsa_bits)) : EVP_EC_gen(wish.curve);
    X509_set_version(c, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(c), serial++);
    ASN1_TIME_set(X509_getm_notBefore(c), wish.from);
    ASN1_TIME_set(X509_getm_notAfter(c), wish.until);
    X509_set_pubkey(c, impl_->key);
    const auto* name = reinterpret_cast<const unsigned char*>(wish.subject.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_UTF8, name, -1, -1, 0);
    const auto& issuer = signed_by ? *signed_by->impl_ : *impl_;
    X509_set_issuer_name(c, X509_get_subject_name(issuer.certificate));
    if (!wish.names.empty()) add_extension(c, NID_subject_alt_name, alternative_names(wish.names));
    if (wish.is_authority) add_extension(c, NID_basic_constraints, "critical,CA:TRUE");
    if (X509_sign(c, issuer.key, EVP_sha256()) == 0)
        throw std::runtime_error("a certificate of the test cannot be signed");
    auto* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, c);
    certificate_ = text_of(out);
    out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(out, impl_->key, nullptr, nullptr, 0, nullptr, nullptr);
    key_ = text_of(out);
    digest print{};
    X509_digest(c, EVP_sha256(), print.data(), nullptr);
    sha256_ = to_hex(print);
}

test_certificate::~test_certificate() = default;
test_certificate::test_certificate(test_certificate&&) noexcept = default;

const test_certificate& any_certificate() {
    static const test_certificate one({.names = {"localhost", "127.0.0.1"}});
    return one;
}

}  // namespace distd::test
