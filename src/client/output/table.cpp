#include "client/output/table.hpp"

#include <algorithm>
#include <numeric>

namespace distd::ops::client {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t min_shrunk = 8;    // columns that a shrunk one keeps
constexpr std::size_t min_wrapped = 24;  // that the last one gets, if others can make room

std::string padded(const cell& c, std::size_t width, bool to_right, const look& l) {
    const auto text = cut_to_width(c.text, width, l.to.has_utf8 ? "…" : "~");
    const std::string space(width - std::min(width, width_of(text)), ' ');
    const auto painted = c.name.empty() ? l.paint(text, c.colour) : l.paint_name(text, c.name);
    return to_right ? space + painted : painted + space;
}

void trim_end(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

}  // namespace

std::vector<std::size_t> table::widths(const look& l, bool with_titles, std::size_t indent) const {
    std::vector<std::size_t> w;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t widest = with_titles ? width_of(columns_[i].title) : 0;
        for (const auto& row : rows_)
            if (i < row.size()) widest = std::max(widest, width_of(row[i].text));
        w.push_back(widest);
    }
    if (l.to.columns == 0) return w;
    const auto gaps = gap * (w.size() - 1) + indent;
    const auto fixed = [&] { return std::accumulate(w.begin(), w.end() - 1, gaps); };
    const auto last = std::min(w.back(), columns_.back().wraps ? min_wrapped : w.back());
    while (fixed() + last > l.to.columns) {
        auto widest = w.size();
        for (std::size_t i = 0; i < w.size(); ++i)
            if (columns_[i].may_shrink && w[i] > min_shrunk && (widest == w.size() || w[i] > w[widest]))
                widest = i;
        if (widest == w.size()) break;
        --w[widest];
        if (widest + 1 == w.size()) break;
    }
    const auto taken = std::min(fixed(), l.to.columns);
    w.back() = std::min(w.back(), std::max<std::size_t>(l.to.columns - taken, 1));
    return w;
}

std::string table::text(const look& l, bool with_titles, std::size_t indent) const {
    const auto w = widths(l, with_titles, indent);
    const std::string margin(indent, ' ');
    std::string out;
    const auto write = [&](const std::vector<cell>& row) {
        std::string line = margin;
        std::vector<std::string> more;
        for (std::size_t i = 0; i < columns_.size() && i < row.size(); ++i) {
            if (i > 0) line += std::string(gap, ' ');
            auto c = row[i];
            if (columns_[i].wraps && i + 1 == columns_.size()) {
                more = wrap_to_width(c.text, w[i]);
                c.text = more.front();
            }
            line += padded(c, w[i], columns_[i].is_number, l);
        }
        trim_end(line);
        out += line + '\n';
        const auto before = std::accumulate(w.begin(), w.end() - 1, gap * (w.size() - 1) + indent);
        for (std::size_t n = 1; n < more.size(); ++n)
            out += std::string(before, ' ') + l.paint(more[n], row.back().colour) + '\n';
    };
    if (with_titles) {
        std::vector<cell> titles;
        for (const auto& c : columns_) titles.emplace_back(c.title, tone::dim);
        write(titles);
    }
    for (const auto& row : rows_) write(row);
    return out;
}

}  // namespace distd::ops::client
