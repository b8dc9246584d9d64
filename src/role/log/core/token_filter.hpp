// Says of a token that a block does not have it, or that it probably has: a Bloom filter in lines of 64
// bytes, so that one small read answers. Each line carries its own checksum: a damaged one says "probably".
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace distd::logs::token_filter {

inline constexpr std::size_t line_bytes = 64;

// Of token hashes, which may repeat; they are sorted on the way.
[[nodiscard]] std::string build(std::vector<std::uint64_t>& hashes);

// Which of `lines` lines knows about the token.
[[nodiscard]] std::size_t line_of(std::uint64_t hash, std::size_t lines) noexcept;

[[nodiscard]] bool may_have(std::string_view line, std::uint64_t hash) noexcept;

}  // namespace distd::logs::token_filter
