// The page Now as it is rendered: complete, small, and with text from outside as text.
#include "role/console/pages/now_page.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "role/web/templates.hpp"
#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;
using namespace distd::ops::console;
using Catch::Contains;

namespace {

page_snapshot snapshot_of(std::vector<instance> instances) {
    registry_state r;
    r.instances = std::make_shared<const std::vector<instance>>(std::move(instances));
    page_snapshot p;
    p.registry = {std::make_shared<const registry_state>(std::move(r)), noon, {}};
    p.registry_address = "http://127.0.0.1:3000";
    return p;
}

std::string rows_of(const live_page& page) {
    const web::templates t(web::web_files("console"), {});
    std::string out;
    for (const auto& part : page.parts)
        if (part.row) out += t.render_part("now_row", page.values_of(part));
    return out;
}

page_snapshot large_system() {
    std::vector<instance> all;
    traffic_history gateway;
    health_bars bars;
    for (int i = 0; i < 3000; ++i) {
        const auto name = "service-" + std::to_string(i / 3);
        auto one = listed(name, "http://10.0." + std::to_string(i % 3) + ".7:" + std::to_string(1000 + i));
        one.version = "1.20.3";
        one.registered_at = noon - seconds(100'000);
        add_runs(bars[one.url], i % 30 == 0 ? "20w1l30w2d7w" : "60w", 60);
        all.push_back(one);
        if (i % 3 != 0) continue;
        auto& t = gateway.services[name];
        for (std::int64_t step = 0; step < 60; ++step)
            t.steps.push_back({1000 + (step * 7919 + i) % 997, 1, {}});
        t.total = {60'000, 60, {1000, 2000, 3000}};
    }
    auto p = snapshot_of(std::move(all));
    p.traffic = {std::make_shared<const traffic_history>(std::move(gateway)), noon, {}};
    p.history = {std::make_shared<const health_bars>(std::move(bars)), noon, {}};
    return p;
}

}  // namespace

TEST_CASE("a thousand services of three instances are rows of less than a mebibyte together") {
    const auto page = make_now_page(large_system(), {}, noon);
    CHECK(page.order.size() == 1000);
    CHECK(rows_of(page).size() < (1 << 20) - (32 << 10));  // the frame and the parts beside it
}

TEST_CASE("a name from outside is text in a row, and its address is escaped") {
    const auto html =
        rows_of(make_now_page(snapshot_of({listed("<script>\"&", "http://10.0.0.7:1")}), {}, noon));
    CHECK_THAT(html,
               Contains("&lt;script&gt;&quot;&amp;") && Contains("href=\"/services/%3Cscript%3E%22%26\""));
    CHECK_THAT(html, !Contains("<script"));
}

TEST_CASE("a filter leaves the headline as it is and shows the rows that match") {
    const auto p = snapshot_of(
        {lost("cart", "http://10.0.0.7:1", "refused", seconds(5)), listed("search", "http://10.0.0.8:1")});
    const auto page = make_now_page(p, {.machine = "10.0.0.8"}, noon);
    CHECK(page.order.size() == 1);
    CHECK(page.title == "▲ 1 sick · distd");
    CHECK(page.live == "page=now&machine=10.0.0.8");
    CHECK(make_now_page(p, {.state = "drained"}, noon).values.at("none_match").as_bool());
}

TEST_CASE("without any source a page is complete, and nothing in it is well") {
    page_snapshot p;
    p.registry.trouble = "connection refused";
    const auto page = make_now_page(p, {}, noon);
    CHECK(page.tone == "unknown");
    CHECK(page.order.empty());
}

TEST_CASE("what happened on another day has that day, not a time that looks like one of today") {
    auto p = snapshot_of({listed("cart", "http://10.0.0.7:1")});
    auto r = *p.registry.good;
    const auto joined = [](wall_point at) {
        event e;
        e.at = at;
        e.type = "registered";
        e.name = "cart";
        return e;
    };
    r.events = std::make_shared<const std::vector<event>>(
        std::vector<event>{joined(noon - std::chrono::hours(24)), joined(noon)});
    p.registry.good = std::make_shared<const registry_state>(std::move(r));
    const auto page = make_now_page(p, {}, noon);
    const auto& events = page.values.at("happened").at("events").as_array();
    CHECK(events.at(0).at("at").at("short") == events.at(0).at("at").at("clock"));
    const auto day = std::string(events.at(1).at("at").at("day").as_string());
    CHECK(std::string(events.at(1).at("at").at("short").as_string()) == day.substr(5));
}

TEST_CASE("ids of elements are short and differ") {
    CHECK(id_of('r', "cart").size() == 13);
    CHECK(id_of('r', "cart") != id_of('r', "carts"));
}
