#include "client/output/table.hpp"

#include <algorithm>
#include <numeric>

namespace distd::ops::client {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t min_shrunk = 8;  // columns that a shrunk one keeps where room is scarce
constexpr std::size_t below_margin = 3;
constexpr std::size_t min_wrapped = 24;  // that the last one gets, if others can make room

std::string padded(const cell& c, std::size_t width, bool to_right, const output_style& l) {
    const auto text = cut_to_width(c.text, width, l.to.has_utf8 ? "…" : "~");
    const std::string space(width - std::min(width, width_of(text)), ' ');
    const auto painted = c.name.empty() ? l.paint(text, c.colour) : l.paint_name(text, c.name);
    return to_right ? space + painted : painted + space;
}

void trim_end(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

}  // namespace

std::vector<std::size_t> table::widths(const output_style& l, bool with_titles, std::size_t indent) const {
    std::vector<std::size_t> w;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t widest = with_titles ? width_of(columns_[i].title) : 0;
        for (const auto& row : rows_)
            if (i < row.size()) widest = std::max(widest, width_of(row[i].text));
        w.push_back(widest);
    }
    if (l.to.columns == 0) return w;
    const auto natural = w;
    const auto gaps = gap * (w.size() - 1) + indent;
    const auto room = l.to.columns - std::min(gaps, l.to.columns);
    const auto last = columns_.back().wraps ? std::min(w.back(), min_wrapped) : w.back();
    if (!shrink(w, room, last)) {
        const bool stands_below = columns_.back().wraps;
        w = natural;
        if (!shrink(w, room, stands_below ? 0 : last))
            static_cast<void>(shrink_to(min_shrunk, w, room, stands_below ? 0 : last));
        if (stands_below) {
            w.back() = 0;
            return w;
        }
    }
    const auto taken = std::accumulate(w.begin(), w.end() - 1, std::size_t(0));
    w.back() = std::min(w.back(), room - std::min(taken, room));
    return w;
}

bool table::shrink(std::vector<std::size_t>& w, std::size_t room, std::size_t last) const {
    return shrink_to(0, w, room, last);
}

// Off the widest that may shrink. `min_width`: that all keep, instead of their own; 0: their own.
bool table::shrink_to(std::size_t min_width, std::vector<std::size_t>& w, std::size_t room,
                      std::size_t last) const {
    while (std::accumulate(w.begin(), w.end() - 1, std::size_t(0)) + last > room) {
        auto widest = w.size();
        for (std::size_t i = 0; i + 1 < w.size(); ++i) {
            const auto keeps = min_width > 0 ? min_width : columns_[i].min_width;
            if (columns_[i].may_shrink && w[i] > keeps && (widest == w.size() || w[i] > w[widest]))
                widest = i;
        }
        if (widest == w.size()) return false;
        --w[widest];
    }
    return true;
}

std::string table::text(const output_style& l, bool with_titles, std::size_t indent) const {
    const auto w = widths(l, with_titles, indent);
    std::string out;
    if (with_titles) {
        std::vector<cell> titles;
        for (const auto& c : columns_) titles.emplace_back(c.title, tone::dim);
        if (w.back() == 0) titles.back().text.clear();
        write(out, titles, w, l, indent);
    }
    for (const auto& row : rows_) write(out, row, w, l, indent);
    return out;
}

void table::write(std::string& out, const std::vector<cell>& row, const std::vector<std::size_t>& w,
                  const output_style& l, std::size_t indent) const {
    std::string line(indent, ' ');
    std::vector<std::string> more;
    auto below = std::accumulate(w.begin(), w.end() - 1, gap * (w.size() - 1) + indent);
    for (std::size_t i = 0; i < columns_.size() && i < row.size(); ++i) {
        if (i > 0) line += std::string(gap, ' ');
        auto c = row[i];
        if (columns_[i].wraps && i + 1 == columns_.size()) {
            const bool stands_below = w[i] == 0 && l.to.columns > 0;
            if (stands_below) below = indent + below_margin;
            more = wrap_to_width(c.text, stands_below ? l.to.columns - below : w[i]);
            if (stands_below && !c.text.empty()) more.insert(more.begin(), "");
            c.text = more.front();
        }
        line += padded(c, w[i], columns_[i].is_number, l);
    }
    trim_end(line);
    out += line + '\n';
    for (std::size_t n = 1; n < more.size(); ++n)
        out += std::string(below, ' ') + l.paint(more[n], row.back().colour) + '\n';
}

}  // namespace distd::ops::client
