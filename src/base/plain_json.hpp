// Whether a text is a JSON string as it stands, as nearly all that is ever written: nothing in it is escaped.
#pragma once

#include <cstddef>
#include <string_view>

namespace distd {

// ASCII that stands for itself in a string. DEL is left out: terminals act upon it.
[[nodiscard]] constexpr bool is_plain_json(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

namespace detail {

// Without a branch for each byte, so that compilers make a few vector instructions of it.
template <std::size_t N>
[[nodiscard]] constexpr bool are_plain_json(const char* bytes) noexcept {
    bool all = true;
    for (std::size_t i = 0; i < N; ++i) all &= is_plain_json(bytes[i]);
    return all;
}

}  // namespace detail

// In blocks; where the last one would reach beyond the end it overlaps with the one before.
[[nodiscard]] constexpr bool is_plain_json(std::string_view text) noexcept {
    constexpr std::size_t block = 16;
    const char* at = text.data();
    const char* const end = at + text.size();
    if (text.size() < block / 2) {
        for (; at != end; ++at)
            if (!is_plain_json(*at)) return false;
        return true;
    }
    if (text.size() < block)
        return detail::are_plain_json<block / 2>(at) && detail::are_plain_json<block / 2>(end - block / 2);
    for (; end - at > static_cast<std::ptrdiff_t>(block); at += block)
        if (!detail::are_plain_json<block>(at)) return false;
    return detail::are_plain_json<block>(end - block);
}

}  // namespace distd
