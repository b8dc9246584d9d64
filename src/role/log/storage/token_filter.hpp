// Says of a token that a block does not have it, or that it probably has: a Bloom filter in lines of 64
// bytes, so that one small read answers. Each line carries its own checksum: a damaged one says "probably".
// Pure.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace distd::logs::token_filter {

inline constexpr std::size_t line_bytes = 64;

// Token hashes are well mixed as they are.
struct as_it_is {
    using is_avalanching = void;
    std::size_t operator()(std::uint64_t hash) const noexcept { return static_cast<std::size_t>(hash); }
};
using token_set = boost::unordered_flat_set<std::uint64_t, as_it_is>;

[[nodiscard]] std::string build(const token_set&);

// Which of `lines` lines knows about the token.
[[nodiscard]] std::size_t line_of(std::uint64_t hash, std::size_t lines) noexcept;

[[nodiscard]] bool may_have(std::string_view line, std::uint64_t hash) noexcept;

}  // namespace distd::logs::token_filter
