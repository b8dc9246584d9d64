#include "role/log/search/needed_text.hpp"

#include <re2/filtered_re2.h>
#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

namespace distd::logs {
namespace {

constexpr std::int64_t memory = 1 << 20;
constexpr int min_needed_text = 3;  // shorter ones stand nearly everywhere
constexpr std::size_t max_asked =
    32;  // a long list of alternatives needs none of them, and takes long to ask

bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
std::string lowered(std::string text) {
    for (auto& c : text) c = is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
    return text;
}

// The pattern without the backslashes of its escapes; nothing where an escape, a flag or a letter above ASCII
// may stand for other letters than those that one reads.
std::optional<std::string> as_it_reads(std::string_view pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (static_cast<unsigned char>(pattern[i]) >= 0x80 || pattern.substr(i).starts_with("(?"))
            return std::nullopt;
        if (pattern[i] != '\\' || i + 1 == pattern.size()) {
            out += pattern[i];
            continue;
        }
        const char escaped = pattern[++i];
        const bool is_class = std::string_view("dDwWsSbB").find(escaped) != std::string_view::npos;
        const bool is_other =
            (escaped >= '0' && escaped <= '9') || is_upper(escaped) || (escaped >= 'a' && escaped <= 'z');
        if (is_other && !is_class) return std::nullopt;
        if (!is_class) out += escaped;
    }
    return out;
}

// Texts without which the pattern does not fit, in lower case.
std::vector<std::string> needed_folded(const std::string& pattern) {
    re2::FilteredRE2 filter(min_needed_text);
    RE2::Options quiet;
    quiet.set_log_errors(false);
    quiet.set_max_mem(memory);
    int id = 0;
    if (filter.Add(pattern, quiet, &id) != RE2::NoError) return {};
    std::vector<std::string> atoms;
    filter.Compile(&atoms);
    std::vector<std::string> needed;
    if (atoms.size() > max_asked) return needed;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
        std::vector<int> others(atoms.size());
        std::iota(others.begin(), others.end(), 0);
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        std::vector<int> still_fits;
        filter.AllPotentials(others, &still_fits);
        if (still_fits.empty()) needed.push_back(atoms[i]);
    }
    return needed;
}

// As the pattern writes it. Only where nothing but that one place of it can be meant.
std::string with_case(const std::string& folded, const std::string& pattern) {
    if (std::ranges::none_of(pattern, is_upper)) return folded;
    if (pattern.find_first_of("|[({") != std::string::npos) return {};
    const auto all_folded = lowered(pattern);
    const auto at = all_folded.find(folded);
    if (at == std::string::npos || all_folded.find(folded, at + 1) != std::string::npos) return {};
    return pattern.substr(at, folded.size());
}

}  // namespace

std::string text_needed_by(const std::string& pattern) {
    const auto read = as_it_reads(pattern);
    if (!read) return {};
    std::string longest;
    for (const auto& folded : needed_folded(pattern))
        if (auto text = with_case(folded, *read); text.size() > longest.size()) longest = std::move(text);
    return longest;
}

}  // namespace distd::logs
