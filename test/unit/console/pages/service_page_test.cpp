// The page of a service as it is rendered.
#include "role/console/pages/service_page.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "ops/model/words.hpp"
#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;
using namespace distd::ops::console;
using Catch::Contains;

TEST_CASE("the title of a health bar says each outage that is in it") {
    const std::string url = "http://10.0.0.7:1";
    const auto noted = [&](const char* type, seconds ago, const char* reason) {
        event e;
        e.at = noon - ago;
        e.type = type;
        e.name = "mailer";
        e.url = url;
        e.reason = reason;
        return e;
    };
    registry_state r;
    r.instances = std::make_shared<const std::vector<instance>>(std::vector<instance>{listed("mailer", url)});
    r.events = std::make_shared<const std::vector<event>>(
        std::vector<event>{noted("lost", seconds(90'000), "too long ago"), noted("back", seconds(89'000), ""),
                           noted("lost", seconds(600), "answered <503>"), noted("back", seconds(542), ""),
                           noted("lost", seconds(20), "no answer in time")});
    service_view v;
    v.name = "mailer";
    v.all.registry = {std::make_shared<const registry_state>(std::move(r)), noon, {}};
    const auto page = make_service_page(v, noon);
    const auto& row = page.values.at("rows").as_array().at(0);
    const std::string bar(row.at("bar_svg").as_string());
    const auto from = clock_of(noon - seconds(600)) + "–" + clock_of(noon - seconds(542));
    CHECK_THAT(bar,
               Contains("\nsince " + clock_of(noon - seconds(20)) + " UTC, no answer in time\n" + from) &&
                   Contains(" UTC, 58\u00a0s, answered &lt;503></title>") && !Contains("too long ago"));
}

TEST_CASE(
    "an instance has its machine, its last probe, and beside for how long it is up since when that is") {
    auto up = listed("mailer", "http://10.0.0.7:1");
    up.registered_at = noon - seconds(480);
    up.probe_ms = 4.2;
    auto away = lost("mailer", "http://10.0.0.8:1", "no answer", seconds(60));
    away.registered_at = noon - seconds(900);
    registry_state r;
    r.instances = std::make_shared<const std::vector<instance>>(std::vector<instance>{up, away});
    service_view v;
    v.name = "mailer";
    v.all.registry = {std::make_shared<const registry_state>(std::move(r)), noon, {}};
    const auto page = make_service_page(v, noon);
    const auto& rows = page.values.at("rows").as_array();
    CHECK(rows.at(0).at("machine").as_string() == "10.0.0.8");
    CHECK(rows.at(0).at("up_since").is_null());
    CHECK(rows.at(1).at("up_since").at("iso").as_string() == "2026-11-21T11:52:00Z");
    CHECK(rows.at(1).at("up_for").at("number").as_string() == "8");
    CHECK(rows.at(1).at("probe").at("number").as_string() == "4");
    CHECK(rows.at(0).at("probe").at("number").as_string() == "–");
    CHECK(rows.at(1).at("href").as_string() == up.url);  // which opens it
}
