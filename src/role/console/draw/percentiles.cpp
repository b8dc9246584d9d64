#include "role/console/draw/percentiles.hpp"

#include <algorithm>
#include <cmath>

#include "ops/model/words.hpp"
#include "role/console/draw/escaped.hpp"

namespace distd::ops::console {
namespace {

constexpr int width = 600, height = 120, room_for_scale = 56;
using member = std::optional<std::int64_t> latencies::*;

std::int64_t highest_of(const traffic& t) {
    std::int64_t highest = 0;
    for (const auto& s : t.steps)
        for (const member m : {&latencies::p50_us, &latencies::p95_us, &latencies::p99_us})
            highest = std::max(highest, (s.took.*m).value_or(0));
    return highest;
}

// A step without requests interrupts the line; a step between two such is a short one.
std::string line_of(const traffic& t, member m, double highest) {
    std::string path;
    bool is_down = false;
    for (std::size_t i = 0; i < t.steps.size(); is_down = (t.steps[i++].took.*m).has_value()) {
        const auto value = t.steps[i].took.*m;
        if (!value) continue;
        const auto x = std::lround(static_cast<double>(i) * width /
                                   static_cast<double>(std::max<std::size_t>(t.steps.size() - 1, 1)));
        const auto y = std::lround(height - static_cast<double>(*value) * (height - 4) / highest);
        path += (is_down ? "L" : "M") + std::to_string(is_down ? x : x - 2) + " " + std::to_string(y);
        if (!is_down) path += "h4";
    }
    return path;
}

}  // namespace

std::string draw_percentiles(const traffic& t) {
    const auto highest = static_cast<double>(highest_of(t));
    if (highest <= 0) return {};
    auto out = "<svg class=\"lines\" viewBox=\"0 0 " + std::to_string(width + room_for_scale) + " " +
               std::to_string(height + 8) +
               "\" role=\"img\"><title>the latencies of 50, 95 and 99 of 100 requests</title>";
    for (const int part : {0, 1, 2}) {
        const auto y = std::to_string(height - part * (height - 4) / 2);
        out += "<path class=\"grid\" d=\"M0 " + y + "h" + std::to_string(width) + "\"/><text x=\"" +
               std::to_string(width + 6) + "\" y=\"" + y + "\" dy=\"4\">";
        append_escaped(out, part == 0 ? "0" : as_latency(highest * part / 2).text());
        out += "</text>";
    }
    out += "<path class=\"p99\" d=\"" + line_of(t, &latencies::p99_us, highest) + "\"/>";
    out += "<path class=\"p95\" d=\"" + line_of(t, &latencies::p95_us, highest) + "\"/>";
    out += "<path class=\"p50\" d=\"" + line_of(t, &latencies::p50_us, highest) + "\"/>";
    return out + "</svg>";
}

}  // namespace distd::ops::console
