// Drawings: what they show, and how few bytes they take.
#include <catch2/catch.hpp>

#include "role/console/draw/health_bar.hpp"
#include "role/console/draw/percentiles.hpp"
#include "role/console/draw/sparkline.hpp"
#include "role/console/model/health_words.hpp"

using namespace distd::ops;
using namespace distd::ops::console;
using Catch::Contains;

namespace {

constexpr cell_words minutes{"min", 1};

traffic busy(std::size_t steps) {
    traffic t;
    for (std::size_t i = 0; i < steps; ++i) {
        traffic_step s;
        s.requests = static_cast<std::int64_t>(1000 + (i * 7919) % 997);
        s.took = {1000, 2000, static_cast<std::int64_t>(3000 + i)};
        t.steps.push_back(s);
    }
    return t;
}

}  // namespace

TEST_CASE("a run of equal cells is one line, and each state has a height of its own") {
    health_bar bar;
    bar.fill(health_cell::well);
    CHECK(draw_health_bar(bar, words_of(bar, minutes)) ==
          "<svg class=\"bar\" viewBox=\"0 0 240 22\" role=\"img\"><title>well</title>"
          "<path class=\"w\" d=\"M0 16h240\"/></svg>");
    bar[10] = bar[11] = bar[58] = health_cell::lost;
    CHECK_THAT(draw_health_bar(bar, words_of(bar, minutes)),
               Contains("<path class=\"w\" d=\"M0 16h40m8 0h184m4 0h4\"/>") &&
                   Contains("<path class=\"l\" d=\"M40 11h8m184 0h4\"/>") &&
                   Contains("<title>lost 3 min</title>"));
    CHECK(words_of({}, minutes) == "not known");
    CHECK_THAT(draw_health_bar(bar, "</title><script>&"),
               Contains("<title>&lt;/title>&lt;script>&amp;</title>"));
}

TEST_CASE("a health bar takes 700 bytes at most, however often the health changes") {
    health_bar worst;
    for (std::size_t i = 0; i < worst.size(); ++i) worst[i] = static_cast<health_cell>(i % 4);
    CHECK(draw_health_bar(worst, words_of(worst, {"min", 24})).size() <= 700);
    for (std::size_t i = 0; i < worst.size(); ++i)
        worst[i] = i % 2 == 0 ? health_cell::well : health_cell::lost;
    CHECK(draw_health_bar(worst, words_of(worst, minutes)).size() <= 700);
}

TEST_CASE("both drawings of a row take 700 bytes at most, up to 25 outages of a minute in an hour") {
    const auto spark = draw_sparkline(busy(60)).size();
    health_bar bar;
    bar.fill(health_cell::well);
    CHECK(draw_health_bar(bar, words_of(bar, minutes)).size() + spark <= 400);
    for (std::size_t i = 0; i < 50; i += 2) bar[i] = health_cell::lost;
    CHECK(draw_health_bar(bar, words_of(bar, minutes)).size() + spark <= 700);
    for (std::size_t i = 0; i < bar.size(); ++i) bar[i] = static_cast<health_cell>(i % 4);
    CHECK(draw_health_bar(bar, words_of(bar, minutes)).size() + spark <= 850);  // the worst there can be
}

TEST_CASE("a sparkline needs something to show") {
    CHECK(draw_sparkline({}).empty());
    traffic idle;
    idle.steps.resize(60);
    CHECK(draw_sparkline(idle).empty());
    CHECK_THAT(draw_sparkline(busy(60)), Contains("viewBox=\"0 0 56 22\""));
}

TEST_CASE("lines of percentiles have a scale, and gaps where nothing was asked") {
    CHECK(draw_percentiles({}).empty());
    auto t = busy(4);
    t.steps[1].took = {};
    const auto drawn = draw_percentiles(t);
    traffic quick;
    quick.steps.push_back({});
    quick.steps[0].took = {20, 30, 40};
    CHECK_THAT(draw_percentiles(quick), Contains(">&lt;0.1\u00a0ms</text>"));
    CHECK_THAT(drawn, Contains("class=\"p99\"") && Contains(">0</text>") && Contains("3\u00a0ms</text>"));
}
