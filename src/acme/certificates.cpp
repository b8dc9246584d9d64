#include "acme/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

#include "base/assert.hpp"
#include "base/freed_by.hpp"
#include "base/ip_address.hpp"
#include "http/message/base64.hpp"

namespace distd::acme {
namespace {

using text_handle = std::unique_ptr<BIO, freed_by<BIO_free>>;
using x509_handle = std::unique_ptr<X509, freed_by<X509_free>>;
using request_handle = std::unique_ptr<X509_REQ, freed_by<X509_REQ_free>>;
using extension_handle = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;

// subjectAltName in the syntax of OpenSSL's configuration.
std::string alternative_names(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names)
        out.append(out.empty() ? "" : ",").append(parse_ip_address(name) ? "IP:" : "DNS:").append(name);
    return out;
}

extension_handle extension(int which, const std::string& value, X509* issuer = nullptr, X509* own = nullptr) {
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, own, nullptr, nullptr, 0);
    extension_handle made(X509V3_EXT_conf_nid(nullptr, &context, which, value.c_str()));
    ERR_clear_error();
    if (!made) throw std::runtime_error("a certificate cannot say: " + value);
    return made;
}

void add(X509* to, X509* issuer, int which, const std::string& value) {
    const auto made = extension(which, value, issuer, to);
    DISTD_ASSERT(X509_add_ext(to, made.get(), -1) == 1);
}

x509_handle read(const std::string& pem) {
    const text_handle from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    x509_handle c(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!c) throw std::runtime_error("it holds no certificate (PEM)");
    return c;
}

std::string pem_of(const X509* c) {
    const text_handle out(BIO_new(BIO_s_mem()));
    DISTD_ASSERT(PEM_write_bio_X509(out.get(), c) == 1);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

void give_serial(X509* c) {
    std::array<unsigned char, 16> bytes{};
    DISTD_ASSERT(RAND_bytes(bytes.data(), bytes.size()) == 1);
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);  // positive, and of one length
    const std::unique_ptr<BIGNUM, freed_by<BN_free>> n(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
    DISTD_ASSERT(BN_to_ASN1_INTEGER(n.get(), X509_get_serialNumber(c)) != nullptr);
}

// acmeIdentifier, which OpenSSL has no name for: a string of bytes in DER, within one.
void add_proof(X509* c, const std::string& proof) {
    DISTD_ASSERT(proof.size() == 32);
    const auto der = "\x04\x20" + proof;
    const std::unique_ptr<ASN1_OBJECT, freed_by<ASN1_OBJECT_free>> which(
        OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1));
    const std::unique_ptr<ASN1_OCTET_STRING, freed_by<ASN1_OCTET_STRING_free>> value(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(value.get(), reinterpret_cast<const unsigned char*>(der.data()),
                          static_cast<int>(der.size()));
    const extension_handle made(X509_EXTENSION_create_by_OBJ(nullptr, which.get(), 1, value.get()));
    DISTD_ASSERT(X509_add_ext(c, made.get(), -1) == 1);
}

void describe(X509* c, X509* issuer, const certificate_wish& wish) {
    if (wish.is_authority) {
        add(c, issuer, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
        add(c, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    } else {
        add(c, issuer, NID_basic_constraints, "critical,CA:FALSE");
        add(c, issuer, NID_key_usage, "critical,digitalSignature");
        add(c, issuer, NID_ext_key_usage, "serverAuth");
    }
    if (!wish.names.empty()) add(c, issuer, NID_subject_alt_name, alternative_names(wish.names));
    if (!wish.acme_proof.empty()) add_proof(c, wish.acme_proof);
    add(c, issuer, NID_subject_key_identifier, "hash");
    if (issuer != c) add(c, issuer, NID_authority_key_identifier, "keyid:always");
}

std::string text_of(const ASN1_STRING* s) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)),
            static_cast<std::size_t>(ASN1_STRING_length(s))};
}

}  // namespace

bool is_host_name(std::string_view name) noexcept {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, is_allowed) &&
           !name.starts_with('.') && !name.ends_with('.') && name.find("..") == name.npos;
}

std::string certificate_request(const std::vector<std::string>& names, const ec_key& key) {
    const request_handle request(X509_REQ_new());
    const auto names_in_it = extension(NID_subject_alt_name, alternative_names(names));
    const std::unique_ptr<STACK_OF(X509_EXTENSION),
                          decltype([](STACK_OF(X509_EXTENSION) * s) { sk_X509_EXTENSION_free(s); })>
        all(sk_X509_EXTENSION_new_null());
    sk_X509_EXTENSION_push(all.get(), names_in_it.get());
    const bool is_made = X509_REQ_set_version(request.get(), 0) == 1 &&
                         X509_REQ_set_pubkey(request.get(), key.handle()) == 1 &&
                         X509_REQ_add_extensions(request.get(), all.get()) == 1 &&
                         X509_REQ_sign(request.get(), key.handle(), EVP_sha256()) > 0;
    DISTD_ASSERT(is_made);
    unsigned char* der = nullptr;
    const int size = i2d_X509_REQ(request.get(), &der);
    DISTD_ASSERT(size > 0);
    std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

void expect_certificate(const std::string& pem) { static_cast<void>(read(pem)); }

std::string make_certificate(const certificate_wish& wish, const ec_key& key, const authority* by) {
    const x509_handle made(X509_new());
    auto* const c = made.get();
    const auto issuing = by ? read(by->certificate) : nullptr;
    auto* const issuer = by ? issuing.get() : c;
    X509_set_version(c, X509_VERSION_3);
    give_serial(c);
    const auto* subject = reinterpret_cast<const unsigned char*>(wish.subject.c_str());
    const auto at = [](ASN1_TIME* to, wall_point t) {
        return ASN1_TIME_set(to, std::chrono::system_clock::to_time_t(t)) != nullptr;
    };
    const bool is_described =
        at(X509_getm_notBefore(c), wish.from) && at(X509_getm_notAfter(c), wish.until) &&
        X509_set_pubkey(c, key.handle()) == 1 &&
        X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_UTF8, subject, -1, -1, 0) == 1 &&
        X509_set_issuer_name(c, X509_get_subject_name(issuer)) == 1;
    DISTD_ASSERT(is_described);
    describe(c, issuer, wish);
    DISTD_ASSERT(X509_sign(c, by ? by->key.handle() : key.handle(), EVP_sha256()) > 0);
    return pem_of(c);
}

std::string renewal_id_of(const std::string& chain) {
    const auto c = read(chain);
    const auto* issuer = X509_get0_authority_key_id(c.get());
    if (!issuer) return {};
    auto serial = text_of(X509_get0_serialNumber(c.get()));
    if (!serial.empty() && (serial.front() & 0x80) != 0) serial.insert(0, 1, '\0');  // as DER has it
    return http::base64url_encode(text_of(issuer)) + "." + http::base64url_encode(serial);
}

}  // namespace distd::acme
