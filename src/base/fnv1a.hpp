// FNV-1a of 64 bits: a number for a text that is the same in each process and each run. Not cryptographic:
// texts with equal numbers can be constructed.
#pragma once

#include <cstdint>
#include <string_view>

namespace distd {

inline constexpr std::uint64_t fnv1a_start = 14695981039346656037ULL;

// `from`: the number of what stands in front of the text.
[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view text,
                                            std::uint64_t from = fnv1a_start) noexcept {
    for (const char c : text) from = (from ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return from;
}

}  // namespace distd
