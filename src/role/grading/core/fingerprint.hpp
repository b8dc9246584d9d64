// A stable fingerprint of a text: FNV-1a in hexadecimal.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/fnv1a.hpp"

namespace distd::grading {

class fingerprint {
public:
    fingerprint& add(std::string_view text) noexcept {
        hash_ = fnv1a(text, hash_);
        return *this;
    }
    [[nodiscard]] std::string text() const {
        std::array<char, 16> digits{};
        return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), hash_, 16).ptr};
    }

private:
    std::uint64_t hash_ = fnv1a_start;
};

}  // namespace distd::grading
