// A key pair of the curve P-256: of an ACME account, of a certificate, of an authority of one's own.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace distd::acme {

class ec_key {
public:
    [[nodiscard]] static ec_key make();
    // PEM without a passphrase. Throws std::runtime_error when it is no key of that curve.
    explicit ec_key(const std::string& pem);

    // Of somebody else, who may have given the public half only.
    [[nodiscard]] static ec_key borrow(evp_pkey_st*);

    [[nodiscard]] std::string pem() const;
    // ES256 (RFC 7518, section 3.4): 32 bytes of r, 32 of s.
    [[nodiscard]] std::string sign(std::string_view text) const;
    [[nodiscard]] bool verifies(std::string_view text, std::string_view signature) const;

    struct point {
        std::string x;  // 32 bytes each
        std::string y;
    };
    [[nodiscard]] point public_point() const;
    [[nodiscard]] evp_pkey_st* handle() const noexcept { return key_.get(); }

private:
    explicit ec_key(evp_pkey_st*);
    std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace distd::acme
