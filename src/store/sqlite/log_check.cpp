#include "store/sqlite/log_check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

#include "store/sqlite/wal_format.hpp"

namespace distd::sqlite {
namespace {

constexpr int min_page_bytes = 512;
constexpr int sum_bytes = 8;
constexpr sqlite3_int64 place_of_sum = frame_head_bytes - sum_bytes;  // in a head, of a frame and of the log

bool is_page(int bytes, sqlite3_int64 offset) noexcept {
    return bytes >= min_page_bytes && std::has_single_bit(static_cast<unsigned>(bytes)) &&
           offset >= log_head_bytes + frame_head_bytes &&
           (offset - log_head_bytes) % (frame_head_bytes + bytes) == frame_head_bytes;
}

}  // namespace

void log_check::note_write(const char* in, int bytes, sqlite3_int64 offset) noexcept {
    if (bytes == frame_head_bytes && offset >= log_head_bytes) {
        head_at_ = offset;
        // While sums are without meaning the heads have none.
        const bool has_sum =
            frame_head{{in, frame_head_bytes}}.salts().find_first_not_of('\0') != std::string_view::npos;
        if (!has_sum)
            without_sums_from_ = std::min(without_sums_from_, offset);
        else if (offset <= without_sums_from_)
            without_sums_from_ = none;
        return;
    }
    const auto frame_at = offset - frame_head_bytes;
    if (frame_at == head_at_) {
        page_bytes_ = bytes;
    } else if (bytes == page_bytes_ && is_page(bytes, offset)) {
        without_sums_from_ = std::min(without_sums_from_, frame_at);
    }
    head_at_ = none;
}

int log_check::check(sqlite3_file& log, const char* page, int bytes, sqlite3_int64 offset) const {
    const auto frame_at = offset - frame_head_bytes;
    if (!is_page(bytes, offset) || frame_at >= without_sums_from_) return SQLITE_OK;
    const auto before_at =
        frame_at == log_head_bytes ? log_head_bytes - frame_head_bytes : frame_at - frame_head_bytes - bytes;
    std::array<char, frame_head_bytes> head_bytes{};
    std::array<char, sum_bytes> stored{};
    const auto read = log.pMethods->xRead;
    if (const int code = read(&log, head_bytes.data(), frame_head_bytes, frame_at); code != SQLITE_OK)
        return code;
    if (const int code = read(&log, stored.data(), sum_bytes, before_at + place_of_sum); code != SQLITE_OK)
        return code;
    const frame_head head{{head_bytes.data(), head_bytes.size()}};
    const std::string_view sum(stored.data(), stored.size());
    const page_sum before{number_at(sum, 0), number_at(sum, 4)};
    const std::string_view whole(page, static_cast<std::size_t>(bytes));
    // A log that another machine began may have sums of numbers in the other order.
    constexpr auto ours = std::endian::native;
    constexpr auto other = ours == std::endian::little ? std::endian::big : std::endian::little;
    const bool is_sound = head.sum_with(whole, before, ours) == head.stored_sum() ||
                          head.sum_with(whole, before, other) == head.stored_sum();
    return is_sound ? SQLITE_OK : is_damaged;
}

}  // namespace distd::sqlite
