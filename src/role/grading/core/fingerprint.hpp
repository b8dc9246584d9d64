// A stable fingerprint of a text: FNV-1a, 64 bits, in hexadecimal. Not cryptographic: collisions can be
// constructed.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace distd::grading {

class fingerprint {
public:
    fingerprint& add(std::string_view text) noexcept {
        for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
        return *this;
    }
    [[nodiscard]] std::string text() const {
        std::array<char, 16> digits{};
        return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), hash_, 16).ptr};
    }

private:
    std::uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace distd::grading
