#include "role/log/line/timestamp.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include "base/parse_number.hpp"
#include "base/timestamp.hpp"

namespace distd::logs {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t earliest_s = -day_s;
constexpr std::int64_t end_s = 9'214'646'400 + day_s;  // of 2261, and a day

class reader {
public:
    explicit reader(std::string_view text) noexcept : rest_(text) {}

    bool digits(std::size_t count, int min, int max, int& out) noexcept {
        if (rest_.size() < count) return false;
        out = 0;
        for (const char c : rest_.substr(0, count)) {
            if (c < '0' || c > '9') return false;
            out = out * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return out >= min && out <= max;
    }
    bool any_of(std::string_view chars) noexcept {
        if (rest_.empty() || chars.find(rest_.front()) == std::string_view::npos) return false;
        last_ = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }
    bool word(std::string_view expected) noexcept {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    // Nanoseconds after the point; at least one digit.
    bool fraction(std::int64_t& out) noexcept {
        std::int64_t unit = second_ns;
        out = 0;
        std::size_t count = 0;
        for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
            unit /= 10;
            out += unit * (rest_[count] - '0');
        }
        rest_.remove_prefix(count);
        return count > 0;
    }
    [[nodiscard]] char last() const noexcept { return last_; }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
    char last_ = 0;
};

// What a time is ahead of UTC: +01:00, and +0100 and +01 as ISO 8601 has it, too; nothing is UTC.
bool read_offset(reader& in, int& minutes) noexcept {
    minutes = 0;
    if (in.at_end()) return true;
    const bool stands_apart = in.any_of(" ");
    if (!in.any_of("+-")) return in.word("UTC") || in.word("GMT") || (!stands_apart && in.any_of("Zz"));
    const int sign = in.last() == '-' ? -1 : 1;
    int h = 0, m = 0;
    if (!in.digits(2, 0, 23, h)) return false;
    const bool has_minutes = in.any_of(":") || !in.at_end();
    if (has_minutes && !in.digits(2, 0, 59, m)) return false;
    minutes = sign * (h * 60 + m);
    return true;
}

// 1.767323045678E9, as Java and others print numbers of that size.
std::optional<std::int64_t> parse_short_epoch(std::string_view number) noexcept {
    const auto value = parse_number<double>(number);
    constexpr double max = 1e19;
    if (!value || !(*value >= 0 && *value < max)) return std::nullopt;
    std::array<char, 48> digits{};
    // Six digits behind the point of 1.8e9 seconds are all that its 53 bits hold.
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), *value,
                                       std::chars_format::fixed, *value < 1e11 ? 6 : 0);
    return parse_epoch({digits.data(), static_cast<std::size_t>(written.ptr - digits.data())});
}

}  // namespace

std::optional<std::int64_t> parse_timestamp(std::string_view text) noexcept {
    using namespace std::chrono;
    reader in(text);
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    const bool date = in.digits(4, 1969, 2262, y) && in.any_of("-") && in.digits(2, 1, 12, mo) &&
                      in.any_of("-") && in.digits(2, 1, 31, d) && in.any_of("Tt ");
    if (!date) return std::nullopt;
    if (!in.digits(2, 0, 23, h) || !in.any_of(":") || !in.digits(2, 0, 59, mi)) return std::nullopt;
    std::int64_t fraction = 0;
    if (in.any_of(":")) {
        if (!in.digits(2, 0, 60, s)) return std::nullopt;
        if (in.any_of(".,") && !in.fraction(fraction)) return std::nullopt;
    }
    int offset_minutes = 0;
    if (!read_offset(in, offset_minutes)) return std::nullopt;
    const year_month_day date_of{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
    if (!in.at_end() || !date_of.ok()) return std::nullopt;
    const auto days = sys_days{date_of}.time_since_epoch().count();
    const std::int64_t seconds = (static_cast<std::int64_t>(days) * 24 + h) * 3600 + mi * 60 +
                                 (s == 60 ? 59 : s) - offset_minutes * 60;
    if (seconds < earliest_s || seconds >= end_s) return std::nullopt;
    return seconds * second_ns + fraction;
}

void append_timestamp(std::string& out, std::int64_t nanoseconds) {
    const auto digits = nanoseconds % 1000 == 0 ? time_digits::microseconds : time_digits::nanoseconds;
    append_rfc3339(
        out, std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(nanoseconds)), digits);
}

std::optional<std::int64_t> parse_epoch(std::string_view number) noexcept {
    if (number.find_first_of("eE") != std::string_view::npos) return parse_short_epoch(number);
    constexpr std::size_t max_digits = 19;  // fits into 64 bits
    const auto whole = number.substr(0, number.find('.'));
    auto fraction = whole.size() < number.size() ? number.substr(whole.size() + 1) : std::string_view("0");
    if (whole.empty() || whole.size() > max_digits || fraction.empty()) return std::nullopt;
    for (const auto digits : {whole, fraction})
        if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    std::uint64_t units = 0;
    for (const char c : whole) units = units * 10 + static_cast<std::uint64_t>(c - '0');
    // A count of seconds reaches this in the year 5138; one of milliseconds had it in 1973.
    auto unit_ns = static_cast<std::uint64_t>(second_ns);
    for (std::uint64_t bound = 100'000'000'000; units >= bound && unit_ns > 1; bound *= 1000) unit_ns /= 1000;
    constexpr std::uint64_t latest_ns = 9'214'646'400'000'000'000;  // the end of 2261
    if (units > latest_ns / unit_ns) return std::nullopt;
    std::uint64_t part_ns = 0;
    std::uint64_t place = unit_ns;
    for (const char c : fraction) part_ns += (place /= 10) * static_cast<std::uint64_t>(c - '0');
    return static_cast<std::int64_t>(units * unit_ns + part_ns);
}

}  // namespace distd::logs
