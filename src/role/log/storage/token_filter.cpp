#include "role/log/storage/token_filter.hpp"

#include <algorithm>

#include "role/log/storage/bytes.hpp"

namespace distd::logs::token_filter {
namespace {

constexpr std::size_t bits_per_token = 14;  // one block in 300 is looked into for nothing
constexpr std::size_t probes = 6;
constexpr std::size_t covered_bytes = 60;  // the checksum takes the rest
constexpr std::size_t line_bits = covered_bytes * 8;

// The probes take ten bits each of a hash whose upper half chose the line: scrambled once more.
template <class F>
void for_each_probe(std::uint64_t hash, F f) {
    hash *= 0x9e3779b97f4a7c15U;
    hash ^= hash >> 31;
    for (std::size_t i = 0; i < probes; ++i, hash >>= 10) f(((hash & 1023) * line_bits) >> 10);
}

}  // namespace

std::string build(const token_set& hashes) {
    const auto lines = std::max<std::size_t>(1, (hashes.size() * bits_per_token + line_bits - 1) / line_bits);
    std::string all(lines * line_bytes, '\0');
    for (const auto h : hashes) {
        char* line = all.data() + line_of(h, lines) * line_bytes;
        for_each_probe(
            h, [&](std::size_t bit) { line[bit / 8] = static_cast<char>(line[bit / 8] | (1 << (bit % 8))); });
    }
    std::string sum;
    for (std::size_t i = 0; i < lines; ++i) {
        sum.clear();
        put_u32(sum, checksum(std::string_view(all).substr(i * line_bytes, covered_bytes)));
        all.replace(i * line_bytes + covered_bytes, sum.size(), sum);
    }
    return all;
}

std::size_t line_of(std::uint64_t hash, std::size_t lines) noexcept {
    return static_cast<std::size_t>(((hash >> 32) * lines) >> 32);
}

bool may_have(std::string_view line, std::uint64_t hash) noexcept {
    bool has = true;
    for_each_probe(hash, [&](std::size_t bit) { has = has && ((line[bit / 8] >> (bit % 8)) & 1) != 0; });
    return has || byte_reader(line.substr(covered_bytes)).u32() != checksum(line.substr(0, covered_bytes));
}

}  // namespace distd::logs::token_filter
