#include "base/timestamp.hpp"

#include <cstddef>

namespace distd {
namespace {

constexpr std::size_t date_and_time_size = 19;

void write_digits(char* at, int width, std::uint64_t value) noexcept {
    for (; width > 0; value /= 10) at[--width] = static_cast<char>('0' + value % 10);
}

}  // namespace

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

}  // namespace distd
