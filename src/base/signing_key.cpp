#include "base/signing_key.hpp"

#include <openssl/evp.h>

#include "base/assert.hpp"
#include "base/freed_by.hpp"

namespace distd {
namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using context_ptr = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

struct signing_key::impl {
    key_ptr key;
};

signing_key::signing_key(const digest& seed) : impl_(std::make_unique<impl>()) {
    impl_->key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    DISTD_ASSERT(impl_->key != nullptr);
}

signing_key::~signing_key() = default;
signing_key::signing_key(signing_key&&) noexcept = default;
signing_key& signing_key::operator=(signing_key&&) noexcept = default;

public_key signing_key::verifier() const {
    public_key out{};
    std::size_t size = out.size();
    DISTD_ASSERT(EVP_PKEY_get_raw_public_key(impl_->key.get(), out.data(), &size) == 1 && size == out.size());
    return out;
}

signature signing_key::sign(std::string_view text) const {
    signature out{};
    std::size_t size = out.size();
    const context_ptr context(EVP_MD_CTX_new());
    const auto done = EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, impl_->key.get()) == 1 &&
                      EVP_DigestSign(context.get(), out.data(), &size, bytes_of(text), text.size()) == 1;
    DISTD_ASSERT(done && size == out.size());
    return out;
}

bool is_signed_by(const public_key& who, std::string_view text, const signature& s) {
    const key_ptr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, who.data(), who.size()));
    const context_ptr context(EVP_MD_CTX_new());
    return key && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), s.data(), s.size(), bytes_of(text), text.size()) == 1;
}

}  // namespace distd
