#include "role/console/draw/sparkline.hpp"

#include <algorithm>
#include <cmath>

namespace distd::ops::console {
namespace {

constexpr std::size_t max_points = 36;
constexpr int pitch = 2;
constexpr int bottom = 21;
constexpr int top = 3;

// Steps in groups, so that a line has no more points than it has room for.
std::vector<double> points_of(const traffic& t) {
    const auto group = std::max<std::size_t>((t.steps.size() + max_points - 1) / max_points, 1);
    std::vector<double> points;
    for (std::size_t at = 0; at < t.steps.size(); at += group) {
        const auto end = std::min(at + group, t.steps.size());
        double sum = 0;
        for (auto i = at; i < end; ++i) sum += static_cast<double>(t.steps[i].requests);
        points.push_back(sum / static_cast<double>(end - at));
    }
    return points;
}

}  // namespace

std::string draw_sparkline(const traffic& t) {
    auto points = points_of(t);
    if (points.size() > 2) points.pop_back();  // the newest step is still going on
    const auto highest = points.empty() ? 0 : std::ranges::max(points);
    if (points.size() < 2 || highest <= 0) return {};
    const auto y_of = [&](double v) {
        return bottom - static_cast<int>(std::lround(v * (bottom - top) / highest));
    };
    const auto width = static_cast<int>(points.size() - 1) * pitch;
    // Its sides and its ground are drawn beyond the edges, so that one path is line and area.
    auto y = y_of(points.front());
    auto out = "<svg class=\"spark\" viewBox=\"0 0 " + std::to_string(width) +
               " 22\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path d=\"M-3 25V" +
               std::to_string(y) + "h3l";
    for (std::size_t i = 1; i < points.size(); ++i) {
        const auto next = y_of(points[i]);
        const auto step = std::to_string(next - y);
        out += (i > 1 ? " " : "") + std::to_string(pitch) + (step.starts_with('-') ? "" : " ") + step;
        y = next;
    }
    return out + "h3V25\"/></svg>";
}

}  // namespace distd::ops::console
