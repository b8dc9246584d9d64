#include "acme/ec_key.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <stdexcept>

#include "base/assert.hpp"
#include "base/freed_by.hpp"

namespace distd::acme {
namespace {

constexpr std::size_t half = 32;  // bytes of a coordinate, of r and of s

using text_handle = std::unique_ptr<BIO, freed_by<BIO_free>>;
using digest_context = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;
using number = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using ecdsa_signature = std::unique_ptr<ECDSA_SIG, freed_by<ECDSA_SIG_free>>;

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string padded(const BIGNUM* n) {
    std::string out(half, '\0');
    DISTD_ASSERT(BN_bn2binpad(n, reinterpret_cast<unsigned char*>(out.data()), half) == half);
    return out;
}

EVP_PKEY* read(const std::string& pem) {
    const text_handle from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };  // nobody is there to be asked
    auto* key = PEM_read_bio_PrivateKey(from.get(), nullptr, no_passphrase, nullptr);
    ERR_clear_error();
    return key;
}

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 32> group{};
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                          nullptr) == 1 &&
           std::string_view(group.data()) == SN_X9_62_prime256v1;
}

}  // namespace

ec_key::ec_key(evp_pkey_st* key) : key_(key, EVP_PKEY_free) {
    if (!key_ || !is_p256(key_.get())) throw std::runtime_error("it holds no key of the curve P-256 (PEM)");
}

ec_key::ec_key(const std::string& pem) : ec_key(read(pem)) {}

ec_key ec_key::make() { return ec_key(EVP_EC_gen("P-256")); }

ec_key ec_key::borrow(evp_pkey_st* key) {
    EVP_PKEY_up_ref(key);
    return ec_key(key);
}

std::string ec_key::pem() const {
    const text_handle out(BIO_new(BIO_s_mem()));
    DISTD_ASSERT(PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string ec_key::sign(std::string_view text) const {
    std::array<unsigned char, 80> der{};  // at most 72 for this curve
    std::size_t size = der.size();
    const digest_context context(EVP_MD_CTX_new());
    const bool done = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
                      EVP_DigestSign(context.get(), der.data(), &size, bytes_of(text), text.size()) == 1;
    DISTD_ASSERT(done);
    const unsigned char* at = der.data();
    const ecdsa_signature s(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    DISTD_ASSERT(s != nullptr);
    return padded(ECDSA_SIG_get0_r(s.get())) + padded(ECDSA_SIG_get0_s(s.get()));
}

bool ec_key::verifies(std::string_view text, std::string_view signature) const {
    if (signature.size() != 2 * half) return false;
    const ecdsa_signature s(ECDSA_SIG_new());
    // It owns both from then on.
    ECDSA_SIG_set0(s.get(), BN_bin2bn(bytes_of(signature), half, nullptr),
                   BN_bin2bn(bytes_of(signature) + half, half, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(s.get(), &der);
    const digest_context context(EVP_MD_CTX_new());
    const bool is_good =
        size > 0 && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
        EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(size), bytes_of(text), text.size()) ==
            1;
    OPENSSL_free(der);
    ERR_clear_error();
    return is_good;
}

ec_key::point ec_key::public_point() const {
    const auto coordinate = [this](const char* name) {
        BIGNUM* n = nullptr;
        DISTD_ASSERT(EVP_PKEY_get_bn_param(key_.get(), name, &n) == 1);
        return padded(number(n).get());
    };
    return {coordinate(OSSL_PKEY_PARAM_EC_PUB_X), coordinate(OSSL_PKEY_PARAM_EC_PUB_Y)};
}

}  // namespace distd::acme
