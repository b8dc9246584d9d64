// SHA-256 and HMAC-SHA-256, by OpenSSL's libcrypto.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace distd {

using digest = std::array<unsigned char, 32>;

[[nodiscard]] digest sha256(std::string_view bytes);

// Of a text that comes in pieces.
class running_sha256 {
public:
    running_sha256();
    ~running_sha256();
    running_sha256(running_sha256&&) noexcept;
    running_sha256& operator=(running_sha256&&) noexcept;

    void add(std::string_view bytes);
    [[nodiscard]] digest finish();  // once

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

// A key with which texts are signed. Used by one thread.
class hmac_key {
public:
    explicit hmac_key(std::string_view secret);
    ~hmac_key();
    hmac_key(hmac_key&&) noexcept;
    hmac_key& operator=(hmac_key&&) noexcept;

    [[nodiscard]] digest sign(std::string_view text) const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

// For secrets and what is made with them: takes as long whatever the bytes are, if there are as many.
[[nodiscard]] bool is_same(const digest&, const digest&) noexcept;
[[nodiscard]] bool is_same(std::string_view, std::string_view) noexcept;

[[nodiscard]] std::string to_hex(std::span<const unsigned char>);
// False: it is not two lower-case hex digits for each byte of `out`.
[[nodiscard]] bool from_hex(std::string_view text, std::span<unsigned char> out) noexcept;

}  // namespace distd
