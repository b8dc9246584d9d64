#include "base/settings/options_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <span>

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "base/settings/options.hpp"

namespace distd {
namespace {

struct unit {
    std::string_view name;
    std::int64_t factor;
};
// Largest first: that is the order in which they may stand and in which they are printed.
constexpr std::array<unit, 5> duration_units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<unit, 4> size_units{
    {{"TiB", std::int64_t{1} << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}};
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

constexpr const char* duration_form = "must be whole numbers with units, such as 250ms, 3s, 1m30s, 2h or 7d";
constexpr const char* size_form = "must be a whole number of bytes, or have a unit: 64KiB, 16MiB, 2GiB";

// Takes the digits off the start of `rest`; false when there are none. What is too large becomes `largest`,
// here and in the sums below: no value reaches it, and the range check has the better message.
bool take_number(std::string_view& rest, std::int64_t& out) {
    if (rest.empty() || !ascii::is_digit(rest.front())) return false;
    const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), out);
    if (ec == std::errc::result_out_of_range) out = largest;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return true;
}

std::int64_t saturating_product(std::int64_t n, std::int64_t factor) {
    return n > largest / factor ? largest : n * factor;
}

std::int64_t saturating_sum(std::int64_t a, std::int64_t b) { return a > largest - b ? largest : a + b; }

std::int64_t read_size(std::string_view text) {
    std::int64_t n = 0;
    if (!take_number(text, n)) throw settings_error(size_form);
    if (text.empty()) return n;
    const auto named = [text](const unit& u) { return u.name == text; };
    const auto found = std::find_if(size_units.begin(), size_units.end(), named);
    if (found == size_units.end()) throw settings_error(size_form);
    return saturating_product(n, found->factor);
}

std::int64_t read_integer(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::int64_t n = 0;
    if (!take_number(text, n) || !text.empty()) throw settings_error("must be a whole number");
    return negative ? -n : n;
}

std::int64_t read_on_off(const std::string& text) {
    for (const char* yes : {"on", "true", "yes", "1"}) {
        if (text == yes) return 1;
    }
    for (const char* no : {"off", "false", "no", "0"}) {
        if (text == no) return 0;
    }
    throw settings_error("must be on or off (or true, false, yes, no, 1, 0)");
}

std::vector<std::string> split_list(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t begin = 0;;) {
        const auto comma = std::min(text.find(',', begin), text.size());
        const auto first = std::min(text.find_first_not_of(' ', begin), comma);
        const auto last = text.find_last_not_of(' ', comma - 1);
        if (first == comma) throw settings_error("an item of the list is empty; one comma between items");
        out.push_back(text.substr(first, last + 1 - first));
        if (comma == text.size()) return out;
        begin = comma + 1;
    }
}

void check_choice(const setting& row, const std::string& text) {
    if (std::find(row.choices.begin(), row.choices.end(), text) != row.choices.end()) return;
    const bool several = row.kind == setting_kind::choices;
    const std::string others = several ? " (with commas between), or all" : "";
    throw settings_error("'" + printable(text) + "' is not one of " + joined(row.choices, ", ") + others +
                         did_you_mean(text, row.choices));
}

std::vector<std::string> read_choices(const setting& row, const std::string& text) {
    const auto items = split_list(text);
    if (items.size() == 1 && items.front() == "all") return row.choices;
    std::set<std::string> seen;
    for (const auto& item : items) {
        if (item == "all") throw settings_error("all stands for every one; nothing else may stand beside it");
        check_choice(row, item);
        if (!seen.insert(item).second) throw settings_error("'" + item + "' occurs twice");
    }
    return items;
}

std::vector<std::string> read_urls(const std::string& text) {
    std::vector<std::string> out;
    for (const auto& item : split_list(text)) out.push_back(parse_url(item));
    return out;
}

setting_value read_number(const setting& row, const std::string& text) {
    const std::int64_t n = row.kind == setting_kind::duration ? read_duration(text)
                           : row.kind == setting_kind::size   ? read_size(text)
                                                              : read_integer(text);
    if (n < row.min || n > row.max) throw settings_error("must be " + range_text(row));
    if (n == largest || n == -largest) throw settings_error("is larger than any machine");  // saturated
    return {text, n};
}

setting_value read_by_kind(const setting& row, const std::string& text) {
    switch (row.kind) {
        case setting_kind::text:
        case setting_kind::path: return {text};
        case setting_kind::on_off: return {text, read_on_off(text)};
        case setting_kind::integer:
        case setting_kind::duration:
        case setting_kind::size: return read_number(row, text);
        case setting_kind::choice: check_choice(row, text); return {text};
        case setting_kind::choices: return {text, 0, read_choices(row, text)};
        case setting_kind::address: static_cast<void>(parse_host_port(text)); return {text};
        case setting_kind::urls: return {text, 0, read_urls(text)};
        case setting_kind::texts: return {text, 0, split_list(text)};
    }
    assertion_failed("a setting_kind without a form", __FILE__, __LINE__);
}

setting_value read_checked(const setting& row, const std::string& text) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(text.begin(), text.end(), control)) {
        throw settings_error("line breaks, tabs and other control characters may not stand in a value");
    }
    if (text.empty() && !row.fallback.empty()) throw settings_error("needs a value, such as " + row.fallback);
    if (text.empty()) return {};
    return read_by_kind(row, text);
}

}  // namespace

std::int64_t read_duration(std::string_view text) {
    std::int64_t total = 0;
    std::span<const unit> allowed = duration_units;
    do {
        std::int64_t n = 0;
        if (!take_number(text, n)) throw settings_error(duration_form);
        const auto unit_end = std::min(text.find_first_of("0123456789"), text.size());
        const std::string_view name = text.substr(0, unit_end);
        if (name.empty()) throw settings_error("a number alone has no unit; " + std::string(duration_form));
        const auto named = [name](const unit& u) { return u.name == name; };
        const auto found = std::find_if(allowed.begin(), allowed.end(), named);
        if (found == allowed.end()) throw settings_error(duration_form);
        total = saturating_sum(total, saturating_product(n, found->factor));
        allowed = allowed.subspan(static_cast<std::size_t>(found - allowed.begin()) + 1);
        text.remove_prefix(unit_end);
    } while (!text.empty());
    return total;
}

setting_value read_value(const setting& row, const std::string& text, const std::string& origin) {
    try {
        return read_checked(row, text);
    } catch (const settings_error& wrong) {
        throw settings_error(value_place(row.name, row.secret ? "(hidden)" : text, origin) + ": " +
                             wrong.what());
    }
}

std::string number_text(setting_kind kind, std::int64_t n) {
    if (kind == setting_kind::integer) return std::to_string(n);
    if (kind == setting_kind::size) {
        const auto fits = [n](const unit& u) { return n != 0 && n % u.factor == 0; };
        const auto found = std::find_if(size_units.begin(), size_units.end(), fits);
        if (found == size_units.end()) return std::to_string(n);
        return std::to_string(n / found->factor) + std::string(found->name);
    }
    std::string out;
    for (const unit& u : duration_units) {
        if (n >= u.factor) out += std::to_string(n / u.factor) + std::string(u.name);
        n %= u.factor;
    }
    return out.empty() ? "0s" : out;
}

std::string duration_text(std::int64_t ms) { return number_text(setting_kind::duration, ms); }

std::string range_text(const setting& row) {
    const std::int64_t natural =
        row.kind == setting_kind::integer ? std::numeric_limits<std::int64_t>::min() : 0;
    const std::string min = number_text(row.kind, row.min);
    const std::string max = number_text(row.kind, row.max);
    if (row.max != largest) return "from " + min + " to " + max;
    return row.min > natural ? "at least " + min : std::string();
}

bool is_list(setting_kind kind) noexcept {
    return kind == setting_kind::choices || kind == setting_kind::urls || kind == setting_kind::texts;
}

bool is_number(setting_kind kind) noexcept {
    return kind == setting_kind::integer || kind == setting_kind::duration || kind == setting_kind::size;
}

std::string joined(const std::vector<std::string>& items, const std::string& separator) {
    std::string out;
    for (const auto& item : items) out += (out.empty() ? "" : separator) + item;
    return out;
}

}  // namespace distd
