// Drawings of the pages Logs and Request: what they show, and how few bytes they take.
#include <catch2/catch.hpp>

#include "role/console/draw/columns.hpp"
#include "role/console/draw/waterfall.hpp"

using namespace distd::ops;
using namespace distd::ops::console;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("columns are stacked, errors on top, and a single line among thousands is seen") {
    const auto svg = draw_columns({{1, 0, 5999}, {0, 0, 0}, {10, 20, 30}}, "lines");
    CHECK_THAT(svg, Contains("class=\"o\" d=\"M0 0h9v60h-9z"));
    CHECK_THAT(svg, Contains("class=\"e\" d=\"M0 -1h9v1h-9z"));
    CHECK(draw_columns(std::vector<stacked_column>(60, {1, 2, 3}), "lines").size() < 6000);
}

TEST_CASE("a call is a bar within its request, and never narrower than can be seen") {
    CHECK_THAT(draw_span(500ms, 500ms, 1s, true), Contains("class=\"f\" x=\"500\" y=\"2\" width=\"500\""));
    CHECK_THAT(draw_span(1s, 1us, 1s, false), Contains("x=\"996\"") && Contains("width=\"4\""));
    CHECK_THAT(draw_span(0us, 0us, 0us, false), Contains("x=\"0\""));
}
