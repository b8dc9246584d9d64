// The format of SQLite's write-ahead log (sqlite.org/fileformat2.html#walformat), as far as it takes to see
// whether a log is as it was written: a head of the file, then frames, each with a head and a page. The sum
// of a frame goes on from that of the frame before it, and the first one's from the head's. All frames of a
// round have the salts of the file's head; what an earlier round left behind them has others.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace distd::sqlite {

constexpr std::int64_t log_head_bytes = 32;
constexpr std::int64_t frame_head_bytes = 24;
constexpr std::size_t log_salt_bytes = 8;

struct page_sum {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    friend bool operator==(const page_sum&, const page_sum&) = default;
};

// SQLite's checksum; the number of bytes is a multiple of eight. Where nothing is added to the sum before,
// zeros give zero, and equal bytes the same sum in every place.
[[nodiscard]] page_sum sum_of(std::string_view bytes, page_sum before = {},
                              std::endian order = std::endian::native) noexcept;

[[nodiscard]] std::uint32_t number_at(std::string_view bytes, std::size_t place) noexcept;

// Of the file.
struct log_head {
    std::string_view bytes;

    [[nodiscard]] std::endian order() const noexcept;
    [[nodiscard]] std::int64_t page_bytes() const noexcept { return number_at(bytes, 8); }
    [[nodiscard]] std::string_view salts() const noexcept { return bytes.substr(16, log_salt_bytes); }
    [[nodiscard]] page_sum stored_sum() const noexcept {
        return {number_at(bytes, 24), number_at(bytes, 28)};
    }
    [[nodiscard]] bool is_sound() const noexcept;
};

struct frame_head {
    std::string_view bytes;

    // The last one of a transaction.
    [[nodiscard]] bool is_commit() const noexcept { return number_at(bytes, 4) != 0; }
    [[nodiscard]] std::string_view salts() const noexcept { return bytes.substr(8, log_salt_bytes); }
    [[nodiscard]] page_sum stored_sum() const noexcept {
        return {number_at(bytes, 16), number_at(bytes, 20)};
    }
    [[nodiscard]] page_sum sum_with(std::string_view page, page_sum before,
                                    std::endian order) const noexcept {
        return sum_of(page, sum_of(bytes.substr(0, 8), before, order), order);
    }
};

}  // namespace distd::sqlite
