#include "role/console/draw/columns.hpp"

#include <algorithm>
#include <cmath>

namespace distd::ops::console {
namespace {

constexpr int height = 60;
constexpr int pitch = 10;  // a column of nine and a gap

// Whatever there is, is seen: a line among thousands is a pixel high.
int height_of(std::int64_t count, std::int64_t highest) {
    if (count <= 0) return 0;
    const auto exact = static_cast<double>(count) * height / static_cast<double>(highest);
    return std::max(1, static_cast<int>(std::lround(exact)));
}

void append_column(std::string& path, std::size_t at, int& top, int size) {
    if (size == 0) return;
    top -= size;
    path +=
        "M" + std::to_string(at * pitch) + " " + std::to_string(top) + "h9v" + std::to_string(size) + "h-9z";
}

}  // namespace

std::string draw_columns(const std::vector<stacked_column>& columns, std::string_view title) {
    std::int64_t highest = 1;
    for (const auto& c : columns) highest = std::max(highest, c.total());
    std::string failed, warned, others;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        int top = height;
        append_column(others, i, top, height_of(columns[i].others, highest));
        append_column(warned, i, top, height_of(columns[i].warned, highest));
        append_column(failed, i, top, height_of(columns[i].failed, highest));
    }
    return "<svg class=\"columns\" viewBox=\"0 -2 " + std::to_string(columns.size() * pitch) + " " +
           std::to_string(height + 2) + "\" preserveAspectRatio=\"none\" role=\"img\"><title>" +
           std::string(title) + "</title><path class=\"o\" d=\"" + others + "\"/><path class=\"w\" d=\"" +
           warned + "\"/><path class=\"e\" d=\"" + failed + "\"/></svg>";
}

}  // namespace distd::ops::console
