#include "ops/model/words.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/timestamp.hpp"

namespace distd::ops {
namespace {

std::string rounded(double value, int digits) {
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.*f", digits, value);
    return out.data();
}

// Two significant digits below ten, none behind the point from there on.
std::string short_number(double value) {
    if (value <= 0) return "0";
    if (value < 9.95) return rounded(value, 1);
    return grouped(std::llround(value));
}

bool read_number(std::string_view text, std::size_t at, std::size_t digits, int& out) {
    if (text.size() < at + digits) return false;
    const auto part = text.substr(at, digits);
    const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), out);
    return failure == std::errc{} && end == part.data() + part.size();
}

milliseconds read_fraction(std::string_view text) {
    int value = 0;
    int digits = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || digits == 3) break;
        value = value * 10 + (c - '0');
        ++digits;
    }
    for (; digits < 3; ++digits) value *= 10;
    return milliseconds(value);
}

// Characters that move what stands beside them: what a text from outside holds changes nothing around it.
bool is_direction_mark(std::uint32_t c) {
    return c == 0x061C || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

// The character at the front of a UTF-8 text and its size; a byte that is none stands for itself.
std::pair<std::uint32_t, std::size_t> front_of(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (size == 1 || text.size() < size) return {lead, 1};
    std::uint32_t c = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) c = c << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    return {c, size};
}

}  // namespace

std::string quantity::text() const {
    return unit.empty() ? number : number + (unit.starts_with('/') ? "" : "\u00a0") + unit;
}

std::string grouped(std::int64_t value) {
    auto text = std::to_string(value);
    const std::size_t first = value < 0 ? 1 : 0;
    for (auto at = text.size(); at > first + 3;) {
        at -= 3;
        text.insert(at, thin_space);
    }
    return text;
}

quantity as_rate(double per_second) {
    if (per_second > 0 && per_second < 0.05) return {"<0.1", "/s"};
    if (per_second < 1000) return {short_number(per_second), "/s"};
    const bool is_million = per_second >= 1e6;
    return {short_number(per_second / (is_million ? 1e6 : 1e3)), is_million ? "M/s" : "k/s"};
}

quantity as_latency(double microseconds) {
    const auto ms = microseconds / 1000;
    if (ms < 0.95) return {rounded(std::max(ms, 0.1), 1), "ms"};
    if (ms < 1000) return {std::to_string(std::llround(ms)), "ms"};
    return {rounded(ms / 1000, ms < 10'000 ? 2 : 0), "s"};
}

quantity as_percent(double part, double whole) {
    if (whole <= 0 || part <= 0) return {"0", "%"};
    const auto percent = 100 * part / whole;
    return {percent < 0.05 ? "<0.1" : short_number(percent), "%"};
}

quantity as_age(milliseconds span) {
    const auto s = std::max<std::int64_t>(span.count() / 1000, 0);
    if (s < 60) return {std::to_string(s), "s"};
    if (s < 3600) return {std::to_string(s / 60), "min"};
    if (s < 48 * 3600) return {std::to_string(s / 3600), "h"};
    return {grouped(s / 86400), "d"};
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return grouped(static_cast<std::int64_t>(count)) + ' ' + std::string(count == 1 ? one : many);
}

std::string number_word(std::size_t n) {
    constexpr std::string_view words[]{"none",  "one",   "two",  "three", "four",   "five",  "six",
                                       "seven", "eight", "nine", "ten",   "eleven", "twelve"};
    return n < std::size(words) ? std::string(words[n]) : grouped(static_cast<std::int64_t>(n));
}

std::string listed(const std::vector<std::string>& names, std::size_t max) {
    std::string text;
    const auto shown = names.size() > max ? max : names.size();
    for (std::size_t i = 0; i < shown; ++i) {
        const bool is_last = i + 1 == names.size();
        if (i > 0) text += is_last ? " and " : ", ";
        text += names[i];
    }
    if (shown < names.size()) text += " and " + std::to_string(names.size() - shown) + " more";
    return text;
}

bool is_year_of_wall_clock(int year) noexcept { return year > 1677 && year < 2262; }

std::optional<wall_point> parse_time(std::string_view text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool is_read = read_number(text, 0, 4, year) && read_number(text, 5, 2, month) &&
                         read_number(text, 8, 2, day) && read_number(text, 11, 2, hour) &&
                         read_number(text, 14, 2, minute) && read_number(text, 17, 2, second);
    if (!is_read || !text.ends_with('Z')) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    const bool is_day = date.ok() && is_year_of_wall_clock(year);
    if (!is_day || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const auto fraction = text[19] == '.' ? read_fraction(text.substr(20)) : milliseconds(0);
    return wall_point(std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hour) +
                      std::chrono::minutes(minute) + seconds(second) + fraction);
}

std::string clock_of(wall_point when) { return rfc3339(when).substr(11, 8); }

std::string day_of(wall_point when) { return rfc3339(when).substr(0, 10); }

std::string one_line(std::string_view text, std::size_t max_characters) {
    std::string out;
    for (std::size_t shown = 0; !text.empty(); ++shown) {
        if (shown == max_characters) return out + "…";
        const auto [c, size] = front_of(text);
        if (c < 0x20 || c == 0x7F)
            out += ' ';
        else if (!is_direction_mark(c))
            out.append(text.substr(0, size));
        text.remove_prefix(size);
    }
    return out;
}

std::string_view without_scheme(std::string_view url) {
    const auto at = url.find("://");
    return at == url.npos ? url : url.substr(at + 3);
}

std::string host_of(std::string_view url) {
    auto rest = without_scheme(url);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (rest.starts_with('[')) return std::string(rest.substr(0, rest.find(']') + 1));
    return std::string(rest.substr(0, rest.rfind(':')));
}

}  // namespace distd::ops
