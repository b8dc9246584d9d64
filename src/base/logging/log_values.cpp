#include "base/logging/log_values.hpp"

#include <algorithm>
#include <array>
#include <distd/json.hpp>

namespace distd {
namespace {

// The value, or as much of it as a line may hold, cut between two characters.
std::string_view within_limit(std::string_view value) noexcept {
    if (value.size() <= log_value_limit_bytes) return value;
    auto end = log_value_limit_bytes;
    while (end > log_value_limit_bytes - 4 && (static_cast<unsigned char>(value[end]) & 0xc0U) == 0x80U)
        --end;
    return value.substr(0, end);
}

constexpr auto is_bare = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x21; c < 0x7f; ++c) table[c] = c != '"' && c != '\\' && c != '=';
    return table;
}();

}  // namespace

void append_log_string(std::string& out, std::string_view value) {
    const auto kept = within_limit(value);
    append_json_string(out, kept);
    if (kept.size() < value.size()) out.insert(out.size() - 1, "...");
}

bool is_bare_log_value(std::string_view value) noexcept {
    return !value.empty() && value.size() <= log_value_limit_bytes &&
           std::ranges::all_of(value, [](char c) { return is_bare[static_cast<unsigned char>(c)]; });
}

void append_log_word(std::string& out, std::string_view value) {
    if (is_bare_log_value(value)) {
        out += value;
    } else {
        append_log_string(out, value);
    }
}

}  // namespace distd
