#include "role/console/draw/health_bar.hpp"

#include <algorithm>

#include "role/console/draw/escaped.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t pitch = 4;  // three columns of a cell and one between

// Cells of a kind are one dashed line, as wide as they are high: however often the health changes, a bar
// stays below its limit.
struct cell_look {
    health_cell cell;
    char name;
    int middle;  // of its height of 22
};
constexpr cell_look looks[]{
    {health_cell::unknown, 'u', 20},
    {health_cell::well, 'w', 16},
    {health_cell::drained, 'd', 13},
    {health_cell::lost, 'l', 11},
};

void append_runs(std::string& out, const health_bar& bar, const cell_look& look) {
    std::size_t drawn_to = 0;
    bool is_first = true;
    for (std::size_t at = 0, end = 0; at < bar.size(); at = std::max(end, at + 1)) {
        for (end = at; end < bar.size() && bar[end] == look.cell;) ++end;
        if (end == at) continue;
        if (is_first)
            out.append("<path class=\"").append(1, look.name).append("\" d=\"M");
        else
            out.append("m");
        out.append(std::to_string((at - drawn_to) * pitch));
        out.append(is_first ? " " + std::to_string(look.middle) : " 0");
        out.append("h").append(std::to_string((end - at) * pitch));
        is_first = false;
        drawn_to = end;
    }
    if (!is_first) out += "\"/>";
}

}  // namespace

std::string draw_health_bar(const health_bar& bar, std::string_view title) {
    std::string out = "<svg class=\"bar\" viewBox=\"0 0 240 22\" role=\"img\"><title>";
    append_escaped(out, title);
    out += "</title>";
    for (const auto& look : looks) append_runs(out, bar, look);
    return out + "</svg>";
}

}  // namespace distd::ops::console
