#include "role/console/draw/waterfall.hpp"

#include <algorithm>
#include <cmath>

namespace distd::ops::console {
namespace {

constexpr int width = 1000;
constexpr int narrowest = 4;

}  // namespace

std::string draw_span(std::chrono::microseconds begin, std::chrono::microseconds took,
                      std::chrono::microseconds whole, bool has_failed) {
    const auto scale = [&](std::chrono::microseconds part) {
        const auto exact = static_cast<double>(part.count()) * width /
                           static_cast<double>(std::max<std::int64_t>(whole.count(), 1));
        return static_cast<int>(std::lround(std::clamp(exact, 0.0, static_cast<double>(width))));
    };
    const auto size = std::max(scale(took), narrowest);
    const auto at = std::min(scale(begin), width - size);
    return "<svg class=\"span\" viewBox=\"0 0 1000 14\" preserveAspectRatio=\"none\" "
           "aria-hidden=\"true\"><path "
           "d=\"M0 7h1000\"/><rect class=\"" +
           std::string(has_failed ? "f" : "w") + "\" x=\"" + std::to_string(at) + "\" y=\"2\" width=\"" +
           std::to_string(size) + "\" height=\"10\"/></svg>";
}

}  // namespace distd::ops::console
