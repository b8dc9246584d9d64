#include "client/verbs/diff_text.hpp"

#include <vector>

#include "ops/model/text_diff.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t around = 3;
constexpr std::size_t max_line = 4000;  // characters

bool is_near_change(const std::vector<diff_row>& rows, std::size_t i) {
    const auto first = i > around ? i - around : 0;
    for (auto n = first; n < rows.size() && n <= i + around; ++n)
        if (!rows[n].is_same()) return true;
    return false;
}

}  // namespace

std::string diff_text(std::string_view left, std::string_view right, const output_style& l) {
    if (left == right) return {};
    auto a = indented_json(left);
    auto b = indented_json(right);
    const bool both = a && b && *a != *b;  // else only their spaces differ
    const auto rows = both ? compare_texts(*a, *b) : compare_texts(left, right);
    std::string out;
    std::vector<std::string> added;
    const auto flush = [&] {
        for (const auto& line : added) out += l.paint("+ " + line, tone::well) + "\n";
        added.clear();
    };
    const auto clean = [&](const std::string& line) { return for_charset(one_line(line, max_line), l); };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].is_same()) {
            flush();
            if (is_near_change(rows, i)) out += "  " + clean(*rows[i].left) + "\n";
            continue;
        }
        if (rows[i].left) out += l.paint("- " + clean(*rows[i].left), tone::sick) + "\n";
        if (rows[i].right) added.push_back(clean(*rows[i].right));
    }
    flush();
    return out;
}

}  // namespace distd::ops::client
