// Services out of instances: their state, the reason in words and the order of their rows.
#include "ops/model/system_overview.hpp"

#include <catch2/catch.hpp>

#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;

namespace {

std::vector<std::string> names_of(const system_overview& t) {
    std::vector<std::string> out;
    for (const auto& s : t.services) out.push_back(s.name);
    return out;
}

instance drained(std::string name, std::string url, std::string reason) {
    auto i = listed(std::move(name), std::move(url));
    i.is_drained = true;
    i.drain_reason = std::move(reason);
    return i;
}

}  // namespace

TEST_CASE("the sick come first, then the drained, the starting, and the well by name") {
    const auto t = overview_of({listed("zeta", "http://10.0.0.6:1"), listed("Alpha", "http://10.0.0.6:2"),
                                listed("new", "http://10.0.0.6:3", "unproven"),
                                drained("search", "http://10.0.0.8:9200", "disk swap"),
                                lost("cart", "http://10.0.0.7:8100", "connection refused", seconds(60)),
                                listed("beta", "http://10.0.0.6:4", "unchecked")});
    CHECK(names_of(t) == std::vector<std::string>{"cart", "search", "new", "Alpha", "beta", "zeta"});
    CHECK(t.find("beta")->glyph == "unchecked");
    CHECK(t.find("new")->up == 0);
    CHECK(t.machines.at("10.0.0.6") == 4);
    CHECK(t.count(service_state::well) == 3);
    CHECK_FALSE(t.find("nobody"));
}

TEST_CASE("why a service is not well is said in words, of the loss that is newest") {
    const auto t = overview_of({listed("cart", "http://10.0.0.6:8100"),
                                lost("cart", "http://10.0.0.8:8100", "answered 503", seconds(600)),
                                lost("cart", "http://10.0.0.7:8100", "connection refused", seconds(60))});
    const auto& cart = *t.find("cart");
    CHECK(cart.reason == "http://10.0.0.7:8100 lost: connection refused, 1\u00a0min; 1 more");
    CHECK(cart.up == 1);
    CHECK(cart.instances.front().url == "http://10.0.0.7:8100");
    CHECK(cart.bar.back() == health_cell::lost);
    CHECK(cart.bar.front() == health_cell::unknown);
}

TEST_CASE("a drain says who and why, as far as events tell") {
    const std::vector<instance> instances{drained("search", "http://10.0.0.8:9200", "disk swap")};
    const std::vector<event> events{
        {1, noon, "drained", "search", "http://10.0.0.8:9200", "disk swap", "ana", {}, {}, {}}};
    overview_input facts;
    facts.instances = &instances;
    facts.events = &events;
    CHECK(make_overview(facts, noon).services.front().reason ==
          "http://10.0.0.8:9200 drained by ana: disk swap");
    CHECK(overview_of(instances).services.front().reason == "http://10.0.0.8:9200 drained: disk swap");
}

TEST_CASE("a lost instance that is still offered has a shape of its own") {
    auto held = lost("cart", "http://10.0.0.7:1", "no answer", seconds(5));
    held.is_guarded = true;
    const auto t = overview_of({held});
    CHECK(t.services.front().glyph == "held");
    CHECK(t.services.front().state == service_state::sick);
    CHECK(t.services.front().reason == "http://10.0.0.7:1 lost, but still offered: no answer, 5\u00a0s");
}

TEST_CASE("a name that others require and nobody offers is a sick service") {
    const std::vector<instance> instances{listed("cart", "http://10.0.0.7:1")};
    const std::vector<missing_service> missing{{"cards", {"cart", "Console"}}, {"Portald", {"Console"}}};
    overview_input facts;
    facts.instances = &instances;
    facts.missing = &missing;
    facts.own_name = "Console";
    const auto t = make_overview(facts, noon);
    CHECK(names_of(t) == std::vector<std::string>{"cards", "cart"});
    CHECK(t.services.front().reason == "missing: cart needs it");
    CHECK(t.services.front().state == service_state::sick);
}

TEST_CASE("the rate of a system is that of the services whose rate is known") {
    const std::vector<instance> instances{listed("a", "http://10.0.0.7:1"), listed("b", "http://10.0.0.7:2")};
    traffic_history passed;
    passed.services["a"];
    overview_input facts;
    facts.instances = &instances;
    facts.traffic = &passed;
    CHECK_FALSE(make_overview(facts, noon).requests_per_second);
    passed.services["b"].rate = 20.0;
    CHECK(make_overview(facts, noon).requests_per_second == 20.0);
}

TEST_CASE("only what is up has been so since its registration") {
    auto sick = lost("cart", "http://10.0.0.7:1", "no answer", seconds(60));
    auto drained = ops::listed("cart", "http://10.0.0.8:1");
    drained.is_drained = true;
    auto well = ops::listed("cart", "http://10.0.0.9:1");
    sick.registered_at = noon - seconds(900);
    drained.registered_at = noon - seconds(800);
    well.registered_at = noon - seconds(700);
    CHECK_FALSE(up_since(sick));
    CHECK_FALSE(up_since(drained));
    CHECK(up_since(well) == noon - seconds(700));
    CHECK(overview_of({sick, drained, well}).services.at(0).up_since == noon - seconds(700));
    CHECK_FALSE(overview_of({sick, drained}).services.at(0).up_since);
}
