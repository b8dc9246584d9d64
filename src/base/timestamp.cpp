#include "base/timestamp.hpp"

#include <algorithm>
#include <cstddef>

namespace distd {
namespace {

constexpr std::size_t date_and_time_size = 19;

void write_digits(char* at, int width, std::uint64_t value) noexcept {
    for (; width > 0; value /= 10) at[--width] = static_cast<char>('0' + value % 10);
}

// "12" at the front of the text, which loses it; nullopt: no such digits, or out of range.
std::optional<int> take_digits(std::string_view& text, std::size_t count, int min, int max) noexcept {
    if (text.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(count);
    return value >= min && value <= max ? std::optional(value) : std::nullopt;
}

bool take_any(std::string_view& text, std::string_view chars) noexcept {
    if (text.empty() || chars.find(text.front()) == chars.npos) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) noexcept {
    const auto year = take_digits(text, 4, 0, 9999);
    if (!year || !is_year_of_wall_clock(*year) || !take_any(text, "-")) return std::nullopt;
    const auto month = take_digits(text, 2, 1, 12);
    if (!month || !take_any(text, "-")) return std::nullopt;
    const auto day = take_digits(text, 2, 1, 31);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

std::optional<std::chrono::seconds> take_clock(std::string_view& text) noexcept {
    const auto hour = take_digits(text, 2, 0, 23);
    if (!hour || !take_any(text, ":")) return std::nullopt;
    const auto minute = take_digits(text, 2, 0, 59);
    if (!minute || !take_any(text, ":")) return std::nullopt;
    const auto second = take_digits(text, 2, 0, 60);  // 60: a leap second, the one before it again
    if (!second) return std::nullopt;
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(std::min(*second, 59));
}

// Digits behind the point, as milliseconds; nullopt: none.
std::optional<milliseconds> take_fraction(std::string_view& text) noexcept {
    const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
    text.remove_prefix(digits.size());
    if (digits.empty()) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < 3; ++i) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    return milliseconds(value);
}

}  // namespace

wall_point nearest_wall_point(std::chrono::seconds since_1970) noexcept {
    using std::chrono::seconds;
    const auto first = std::chrono::ceil<seconds>(wall_point::min().time_since_epoch());
    const auto last = std::chrono::floor<seconds>(wall_point::max().time_since_epoch());
    return wall_point(std::clamp(since_1970, first, last));
}

void write_date_and_time(char* at, std::chrono::sys_seconds t) noexcept {
    const auto day = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day date{day};
    const auto of_day = static_cast<std::uint64_t>((t - day).count());
    write_digits(at, 4, static_cast<std::uint64_t>(static_cast<int>(date.year())));
    at[4] = '-';
    write_digits(at + 5, 2, static_cast<unsigned>(date.month()));
    at[7] = '-';
    write_digits(at + 8, 2, static_cast<unsigned>(date.day()));
    at[10] = 'T';
    write_digits(at + 11, 2, of_day / 3600);
    at[13] = ':';
    write_digits(at + 14, 2, of_day / 60 % 60);
    at[16] = ':';
    write_digits(at + 17, 2, of_day % 60);
}

void append_rfc3339(std::string& out, std::chrono::sys_time<std::chrono::nanoseconds> t, time_digits digits) {
    const auto second = std::chrono::floor<std::chrono::seconds>(t);
    const auto begin = out.size();
    const auto width = static_cast<int>(digits);
    out.resize(begin + date_and_time_size);
    write_date_and_time(out.data() + begin, second);
    if (width > 0) {
        auto fraction = static_cast<std::uint64_t>((t - second).count());
        for (int i = 9; i > width; --i) fraction /= 10;
        out += '.';
        out.resize(out.size() + static_cast<std::size_t>(width));
        write_digits(out.data() + out.size() - width, width, fraction);
    }
    out += 'Z';
}

std::string rfc3339(wall_point t, time_digits digits) {
    std::string out;
    append_rfc3339(out, t, digits);
    return out;
}

std::optional<wall_point> parse_rfc3339(std::string_view text) noexcept {
    const auto date = take_date(text);
    if (!date || !take_any(text, "T ")) return std::nullopt;
    const auto clock = take_clock(text);
    if (!clock) return std::nullopt;
    const auto fraction = take_any(text, ".") ? take_fraction(text) : milliseconds(0);
    if (!fraction || text != "Z") return std::nullopt;
    return wall_point(date->time_since_epoch() + *clock + *fraction);
}

std::int64_t unix_ms(wall_point t) noexcept {
    return std::chrono::floor<milliseconds>(t.time_since_epoch()).count();
}

}  // namespace distd
