#include "http/transport/tls_certificate.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <ctime>

#include "base/ascii.hpp"
#include "base/digest.hpp"
#include "base/freed_by.hpp"
#include "base/timestamp.hpp"
#include "http/transport/tls_options.hpp"

namespace distd::http {
namespace {

// A signature takes as long as many with P-256: milliseconds.
constexpr int slow_rsa_bits = 3072;
constexpr int fast_curve_bits = 256;

using x509_handle = std::unique_ptr<X509, freed_by<X509_free>>;
using key_handle = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using text_handle = std::unique_ptr<BIO, freed_by<BIO_free>>;
using names_handle = std::unique_ptr<GENERAL_NAMES, freed_by<GENERAL_NAMES_free>>;

[[noreturn]] void refuse(const char* why) {
    ERR_clear_error();
    throw certificate_error(why);
}

text_handle reading(const std::string& text) {
    return text_handle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Null at the end of the text. What is no certificate in there, such as the key, is passed over.
x509_handle next_certificate(BIO* from) {
    x509_handle c(PEM_read_bio_X509(from, nullptr, nullptr, nullptr));
    if (c) return c;
    const auto why = ERR_peek_last_error();
    const bool is_end = ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) == PEM_R_NO_START_LINE;
    if (!is_end) refuse("a certificate in it is damaged");
    ERR_clear_error();
    return nullptr;
}

key_handle key_of(const std::string& text) {
    const auto from = reading(text);
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };  // nobody is there to be asked
    key_handle key(PEM_read_bio_PrivateKey(from.get(), nullptr, no_passphrase, nullptr));
    if (!key) refuse("it holds no key that can be read: PEM, and without a passphrase");
    return key;
}

wall_point time_of(const ASN1_TIME* t) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(t, &parts) != 1) refuse("its time of validity is damaged");
    // Certificates that never end say so by the last second of the year 9999 (RFC 5280, 4.1.2.5).
    return nearest_wall_point(std::chrono::seconds(::timegm(&parts)));
}

std::string text_of(const ASN1_STRING* s) {
    const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(s));
    std::string out(bytes, static_cast<std::size_t>(ASN1_STRING_length(s)));
    std::ranges::transform(out, out.begin(), ascii::lower);
    return out;
}

std::string address_of(const ASN1_OCTET_STRING* s) {
    namespace ip = boost::asio::ip;
    const auto* bytes = ASN1_STRING_get0_data(s);
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(s));
    ip::address_v4::bytes_type v4{};
    ip::address_v6::bytes_type v6{};
    if (size == v4.size()) {
        std::copy_n(bytes, size, v4.begin());
        return ip::address_v4(v4).to_string();
    }
    if (size != v6.size()) return {};
    std::copy_n(bytes, size, v6.begin());
    return ip::address_v6(v6).to_string();
}

std::vector<std::string> names_of(const X509* c) {
    std::vector<std::string> out;
    const names_handle names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(c, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) out.push_back(text_of(name->d.dNSName));
        if (name->type == GEN_IPADD) out.push_back(address_of(name->d.iPAddress));
    }
    ERR_clear_error();
    return out;
}

std::string one_line(const X509_NAME* name) {
    const text_handle out(BIO_new(BIO_s_mem()));
    if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) refuse("its issuer is damaged");
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

bool is_slow(const EVP_PKEY* key) {
    const auto bits = EVP_PKEY_get_bits(key);
    return (EVP_PKEY_is_a(key, "RSA") == 1 && bits >= slow_rsa_bits) ||
           (EVP_PKEY_is_a(key, "EC") == 1 && bits > fast_curve_bits);
}

certificate_facts facts_of(X509* c, bool is_followed) {
    certificate_facts f;
    f.names = names_of(c);
    f.from = time_of(X509_get0_notBefore(c));
    f.until = time_of(X509_get0_notAfter(c));
    f.issuer = one_line(X509_get_issuer_name(c));
    digest print{};
    unsigned int size = 0;
    if (X509_digest(c, EVP_sha256(), print.data(), &size) != 1) refuse("its bytes are damaged");
    f.sha256 = to_hex(print);
    f.is_slow = is_slow(X509_get0_pubkey(c));
    f.has_issuer_here = is_followed || X509_NAME_cmp(X509_get_subject_name(c), X509_get_issuer_name(c)) == 0;
    return f;
}

}  // namespace

tls_certificate::tls_certificate(const std::string& chain, const std::string& key)
    : context_(make_tls_context(tls_side::server)) {
    const auto from = reading(chain);
    const auto own = next_certificate(from.get());
    if (!own) refuse("it holds no certificate: PEM, the server's own first, then who vouches for it");
    if (SSL_CTX_use_certificate(context_.get(), own.get()) != 1)
        refuse("its certificate is too weak, or of a kind that is not known here");
    bool is_followed = false;
    while (const auto next = next_certificate(from.get())) {
        is_followed = true;
        if (SSL_CTX_add1_chain_cert(context_.get(), next.get()) != 1)
            refuse("a certificate behind it is too weak");
    }
    if (SSL_CTX_use_PrivateKey(context_.get(), key_of(key).get()) != 1 ||
        SSL_CTX_check_private_key(context_.get()) != 1)
        refuse("the key is not the certificate's");
    facts_ = facts_of(own.get(), is_followed);
    if (facts_.names.empty()) refuse("it has no names (subjectAltName), so no client would take it");
}

const char* tls_certificate::problem_at(wall_point now) const noexcept {
    if (facts_.until <= now) return "its time is over";
    return facts_.from > now ? "its time has not come yet" : "";
}

bool tls_certificate::has_name(std::string_view name) const noexcept {
    const auto dot = name.find('.');
    const auto parent = dot == name.npos || dot == 0 ? std::string_view() : name.substr(dot);
    return std::ranges::any_of(facts_.names, [&](std::string_view own) {
        return own == name || (own.starts_with("*.") && !parent.empty() && own.substr(1) == parent);
    });
}

}  // namespace distd::http
