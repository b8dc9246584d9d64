#include "base/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/assert.hpp"

namespace distd {
namespace {

// Looked up once: OpenSSL searches its providers each time it is asked by name.
const EVP_MD* sha256_method() {
    static EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    DISTD_ASSERT(method != nullptr);
    return method;
}

EVP_MAC* hmac_method() {
    static EVP_MAC* const method = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    DISTD_ASSERT(method != nullptr);
    return method;
}

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

int value_of(char hex) noexcept {
    if (hex >= '0' && hex <= '9') return hex - '0';
    return hex >= 'a' && hex <= 'f' ? hex - 'a' + 10 : -1;
}

}  // namespace

digest sha256(std::string_view bytes) {
    digest out{};
    unsigned int size = out.size();
    const auto done = EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, sha256_method(), nullptr);
    DISTD_ASSERT(done == 1 && size == out.size());
    return out;
}

struct running_sha256::impl {
    ~impl() { EVP_MD_CTX_free(context); }
    EVP_MD_CTX* context = EVP_MD_CTX_new();
};

running_sha256::running_sha256() : impl_(std::make_unique<impl>()) {
    DISTD_ASSERT(EVP_DigestInit_ex2(impl_->context, sha256_method(), nullptr) == 1);
}

running_sha256::~running_sha256() = default;
running_sha256::running_sha256(running_sha256&&) noexcept = default;
running_sha256& running_sha256::operator=(running_sha256&&) noexcept = default;

void running_sha256::add(std::string_view bytes) {
    DISTD_ASSERT(EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()) == 1);
}

digest running_sha256::finish() {
    digest out{};
    unsigned int size = out.size();
    DISTD_ASSERT(EVP_DigestFinal_ex(impl_->context, out.data(), &size) == 1 && size == out.size());
    return out;
}

struct hmac_key::impl {
    ~impl() { EVP_MAC_CTX_free(context); }
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(hmac_method());
};

hmac_key::hmac_key(std::string_view secret) : impl_(std::make_unique<impl>()) {
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
    DISTD_ASSERT(EVP_MAC_init(impl_->context, bytes_of(secret), secret.size(), parameters) == 1);
}

hmac_key::~hmac_key() = default;
hmac_key::hmac_key(hmac_key&&) noexcept = default;
hmac_key& hmac_key::operator=(hmac_key&&) noexcept = default;

digest hmac_key::sign(std::string_view text) const {
    digest out{};
    std::size_t size = 0;
    // Without a key it begins anew with the one that it has.
    const auto done = EVP_MAC_init(impl_->context, nullptr, 0, nullptr) == 1 &&
                      EVP_MAC_update(impl_->context, bytes_of(text), text.size()) == 1 &&
                      EVP_MAC_final(impl_->context, out.data(), &size, out.size()) == 1;
    DISTD_ASSERT(done && size == out.size());
    return out;
}

bool is_same(const digest& a, const digest& b) noexcept {
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool is_same(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

bool from_hex(std::string_view text, std::span<unsigned char> out) noexcept {
    if (text.size() != 2 * out.size()) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = value_of(text[2 * i]);
        const int low = value_of(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = static_cast<unsigned char>(high << 4 | low);
    }
    return true;
}

}  // namespace distd
