#include "client/output/times.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <distd/settings.hpp>

#include "base/settings/options_values.hpp"
#include "base/spans.hpp"
#include "base/timestamp.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

std::tm broken_down(wall_point when, bool is_utc) {
    const auto t = std::chrono::system_clock::to_time_t(when);
    std::tm out{};
    is_utc ? ::gmtime_r(&t, &out) : ::localtime_r(&t, &out);
    return out;
}

wall_point put_together(std::tm parts, bool is_utc) {
    parts.tm_isdst = -1;  // the zone knows
    return std::chrono::system_clock::from_time_t(is_utc ? ::timegm(&parts) : ::mktime(&parts));
}

std::string formatted(const std::tm& parts, const char* format) {
    std::array<char, 32> out{};
    return {out.data(), std::strftime(out.data(), out.size(), format, &parts)};
}

std::tm midnight_of(wall_point when, bool is_utc) {
    auto parts = broken_down(when, is_utc);
    parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
    return parts;
}

// "14:00" or "14:00:05" into the parts.
bool read_clock(std::string_view text, std::tm& parts) {
    int used = 0;
    const std::string copy(text);
    parts.tm_sec = 0;
    const int read = std::sscanf(copy.c_str(), "%2d:%2d%n:%2d%n", &parts.tm_hour, &parts.tm_min, &used,
                                 &parts.tm_sec, &used);
    return read >= 2 && used == static_cast<int>(copy.size()) && parts.tm_hour >= 0 && parts.tm_hour < 24 &&
           parts.tm_min >= 0 && parts.tm_min < 60 && parts.tm_sec >= 0 && parts.tm_sec < 61;
}

bool read_day(std::string_view text, std::tm& parts) {
    int used = 0;
    const std::string copy(text);
    int year = 0, month = 0, day = 0;
    if (std::sscanf(copy.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3) return false;
    if (used != static_cast<int>(copy.size()) || used != 10) return false;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || !is_year_of_wall_clock(year)) return false;
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    parts.tm_mday = day;
    return true;
}

// "15m", or "-15m" as journalctl has it.
std::optional<wall_point> read_span(std::string_view text, wall_point now) {
    if (text.starts_with('-')) text.remove_prefix(1);
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    try {
        return now - milliseconds(read_duration(text));
    } catch (const settings_error&) {
        return std::nullopt;
    }
}

}  // namespace

std::string time_text(wall_point when, wall_point now, bool is_utc) {
    const auto parts = broken_down(when, is_utc);
    const auto today = broken_down(now, is_utc);
    const bool is_today = parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday;
    return formatted(parts, is_today ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S");
}

std::string age_text(milliseconds span) {
    const auto whole = whole_span_of(span);
    return std::to_string(whole.number).append(whole.short_unit);
}

std::string short_age_since(std::optional<wall_point> since, wall_point now) {
    if (!since) return std::string(nothing);
    return age_text(std::chrono::duration_cast<milliseconds>(now - *since));
}

std::optional<wall_point> read_moment(std::string_view text, wall_point now, bool is_utc) {
    if (text == "now") return now;
    if (text == "today") return put_together(midnight_of(now, is_utc), is_utc);
    if (text == "yesterday") return put_together(midnight_of(now - std::chrono::hours(24), is_utc), is_utc);
    if (const auto exact = parse_rfc3339(text)) return exact;
    auto parts = midnight_of(now, is_utc);
    if (text.find(':') != text.npos && text.find('-') == text.npos)
        return read_clock(text, parts) ? std::optional(put_together(parts, is_utc)) : std::nullopt;
    if (text.size() < 10 || text[4] != '-') return read_span(text, now);
    if (!read_day(text.substr(0, 10), parts)) return std::nullopt;
    const bool has_clock = text.size() > 10;
    if (has_clock && ((text[10] != ' ' && text[10] != 'T') || !read_clock(text.substr(11), parts)))
        return std::nullopt;
    return put_together(parts, is_utc);
}

}  // namespace distd::ops::client
