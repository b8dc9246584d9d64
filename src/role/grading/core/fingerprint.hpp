// Tells two texts apart, in every process alike: FNV-1a, 64 bits, in hexadecimal. No secret, and no proof
// against those who want two texts to look the same.
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
