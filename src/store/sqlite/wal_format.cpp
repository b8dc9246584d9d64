#include "store/sqlite/wal_format.hpp"

#include <cstddef>
#include <cstring>

namespace distd::sqlite {
namespace {

constexpr std::uint32_t magic = 0x377f0682;  // and one more where the sums are of big-endian numbers

template <bool is_swapped>
page_sum sum_of_words(std::string_view bytes, page_sum sum) noexcept {
    for (std::size_t i = 0; i < bytes.size(); i += 8) {
        std::uint32_t word[2];
        std::memcpy(word, bytes.data() + i, sizeof word);
        sum.a += (is_swapped ? __builtin_bswap32(word[0]) : word[0]) + sum.b;
        sum.b += (is_swapped ? __builtin_bswap32(word[1]) : word[1]) + sum.a;
    }
    return sum;
}

}  // namespace

page_sum sum_of(std::string_view bytes, page_sum before, std::endian order) noexcept {
    return order == std::endian::native ? sum_of_words<false>(bytes, before)
                                        : sum_of_words<true>(bytes, before);
}

std::uint32_t number_at(std::string_view bytes, std::size_t place) noexcept {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(bytes[place + i]);
    return n;
}

std::endian log_head::order() const noexcept {
    return (number_at(bytes, 0) & 1) != 0 ? std::endian::big : std::endian::little;
}

bool log_head::is_sound() const noexcept {
    return (number_at(bytes, 0) & ~1U) == magic && sum_of(bytes.substr(0, 24), {}, order()) == stored_sum();
}

}  // namespace distd::sqlite
