#include "ops/model/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/fnv1a.hpp"
#include "base/spans.hpp"
#include "base/timestamp.hpp"
#include "base/utf8.hpp"

namespace distd::ops {
namespace {

constexpr std::string_view replacement = "\ufffd";

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

quantity as_rate(std::optional<double> known) {
    if (!known) return {std::string(nothing), {}};
    const auto per_second = *known;
    if (per_second > 0 && per_second < 0.05) return {"<0.1", "/s"};
    if (per_second < 1000) return {short_number(per_second), "/s"};
    const bool is_million = per_second >= 1e6;
    return {short_number(per_second / (is_million ? 1e6 : 1e3)), is_million ? "M/s" : "k/s"};
}

quantity as_latency(double microseconds) {
    const auto ms = microseconds / 1000;
    if (ms < 0.05) return {"<0.1", "ms"};
    if (ms < 0.95) return {rounded(ms, 1), "ms"};
    if (ms < 1000) return {std::to_string(std::llround(ms)), "ms"};
    return {rounded(ms / 1000, ms < 10'000 ? 2 : 0), "s"};
}

quantity as_latency(std::optional<double> microseconds) {
    return microseconds ? as_latency(*microseconds) : quantity{std::string(nothing), {}};
}

quantity as_percent(double part, double whole) {
    if (whole <= 0 || part <= 0) return {"0", "%"};
    const auto percent = 100 * part / whole;
    return {percent < 0.05 ? "<0.1" : short_number(percent), "%"};
}

quantity as_age(milliseconds span) {
    const auto whole = whole_span_of(span);
    return {grouped(whole.number), std::string(whole.unit)};
}

std::string age_since(std::optional<wall_point> since, wall_point now) {
    if (!since) return {};
    return as_age(std::chrono::duration_cast<milliseconds>(now - *since)).text();
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

std::string clock_of(wall_point when) { return rfc3339(when).substr(11, 8); }

std::string day_of(wall_point when) { return rfc3339(when).substr(0, 10); }

std::size_t colour_of_name(std::string_view name, std::size_t colours) noexcept {
    const auto number = fnv1a(name);
    return (number ^ number >> 32U) % colours;  // the last letter hardly reaches bits 20 to 39
}

std::string one_line(std::string_view text, std::size_t max_characters) {
    std::string out;
    for (std::size_t shown = 0; !text.empty(); ++shown) {
        if (shown == max_characters) return out + "…";
        const auto length = utf8_length(text);
        const auto c = text.substr(0, std::max<std::size_t>(length, 1));
        if (c[0] == '\x7f' || static_cast<unsigned char>(c[0]) < ' ' || is_acting_character(c))
            out += ' ';
        else if (!is_direction_mark(c))
            out += length == 0 ? replacement : c;
        text.remove_prefix(c.size());
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
