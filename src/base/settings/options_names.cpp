// Names of settings: their spelling in the environment and in messages, and what a wrong name was meant to
// be.
#include <algorithm>

#include "base/settings/options.hpp"
#include "base/settings/options_values.hpp"

namespace distd {
namespace {

// Longer words are no misspelt setting, and comparing them costs their length squared.
constexpr std::size_t max_name = 64;

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = last;
        last = row;
    }
    return last[b.size()];
}

// One mistake in a short word, one in three letters of a long one; more is another word.
std::size_t forgiven(const std::string& word) { return std::max<std::size_t>(1, word.size() / 3); }

}  // namespace

std::string nearest_name(const std::string& wrong, const std::vector<std::string>& known) {
    if (wrong.empty() || wrong.size() > max_name) return {};
    std::string best;
    std::size_t best_distance = forgiven(wrong) + 1;
    for (const auto& name : known) {
        const std::size_t distance = edit_distance(wrong, name);
        if (distance < best_distance) {
            best = name;
            best_distance = distance;
        }
    }
    if (!best.empty()) return best;

    // Too short or too long, but only one name begins alike: "heartbeat", "warning".
    const auto alike = [&](const std::string& name) {
        return wrong.size() >= 3 && name.size() >= 3 && (name.starts_with(wrong) || wrong.starts_with(name));
    };
    const auto found = std::find_if(known.begin(), known.end(), alike);
    const bool only = found != known.end() && std::none_of(found + 1, known.end(), alike);
    return only ? *found : std::string();
}

std::string did_you_mean(const std::string& wrong, const std::vector<std::string>& known,
                         const std::string& prefix) {
    const std::string meant = nearest_name(wrong, known);
    return meant.empty() ? std::string() : "; did you mean " + prefix + meant + "?";
}

std::string environment_name(const std::string& setting_name) {
    std::string out = "DISTD_" + setting_name;
    for (char& c : out) {
        if (c == '-') c = '_';
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

std::string value_place(const std::string& setting_name, const std::string& value,
                        const std::string& origin) {
    const bool assigned = origin == "--" + setting_name || origin == environment_name(setting_name);
    if (assigned) return origin + "=" + printable(value);
    return printable(origin) + ": " + setting_name + " = " + printable(value);
}

std::string printable(const std::string& text) {
    constexpr std::size_t max_shown = 120;
    std::string out = text.substr(0, max_shown);
    for (char& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) c = '?';
    }
    return text.size() > max_shown ? out + "..." : out;
}

}  // namespace distd
