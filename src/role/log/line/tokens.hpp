// Words of a text as searches see them: runs of letters, digits and underscores, with A to Z in lower case.
// Bytes above ASCII count as letters, as they are. The text is as it stands in the journal: the inside of a
// JSON string, whose escapes only ever stand for characters that part words. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace distd::logs {

namespace detail {

// Of each byte: 0 when it parts words, else how it counts.
inline constexpr auto token_bytes = [] {
    std::array<unsigned char, 256> all{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool counts = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
        if (counts) all[c] = static_cast<unsigned char>(c);
        if (c >= 'A' && c <= 'Z') all[c] = static_cast<unsigned char>(c + ('a' - 'A'));
    }
    return all;
}();

constexpr std::uint64_t scrambled(std::uint64_t h) noexcept {
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93U;
    h ^= h >> 29;
    h *= 0xd6e8feb86659fd93U;
    return h ^ (h >> 32);
}

}  // namespace detail

// Calls f(hash, start, end) for each token. The hash is part of the format of parts.
template <class F>
void for_each_token(std::string_view text, F f) {
    constexpr std::size_t unicode_escape = 6;  // \u001f
    for (std::size_t i = 0; i < text.size();) {
        auto c = detail::token_bytes[static_cast<unsigned char>(text[i])];
        if (c == 0) {
            const bool escape = text[i] == '\\' && i + 1 < text.size();
            i += !escape ? 1 : text[i + 1] == 'u' ? unicode_escape : 2;
            continue;
        }
        const auto start = i;
        std::uint64_t h = 0xcbf29ce484222325U;
        for (; c != 0; c = ++i < text.size() ? detail::token_bytes[static_cast<unsigned char>(text[i])] : 0)
            h = (h ^ c) * 0x100000001b3U;
        f(detail::scrambled(h), start, i);
    }
}

// Every token of a text that is known as a whole.
[[nodiscard]] std::vector<std::uint64_t> tokens_of(std::string_view text);

// The tokens that every text must have that contains `part`: not those at its ends, which may go on there.
[[nodiscard]] std::vector<std::uint64_t> tokens_inside(std::string_view part);

}  // namespace distd::logs
