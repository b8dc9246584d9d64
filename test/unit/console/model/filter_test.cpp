// Which services a page shows, and the links that change that.
#include "role/console/model/filter.hpp"

#include <catch2/catch.hpp>

#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;
using namespace distd::ops::console;

namespace {

service_filter read(const std::map<std::string, std::string, std::less<>>& query) {
    return read_filter([&](std::string_view name) -> std::optional<std::string> {
        const auto found = query.find(name);
        return found == query.end() ? std::nullopt : std::optional(found->second);
    });
}

}  // namespace

TEST_CASE("a filter is read from an address and written into one") {
    const auto f = read({{"state", "sick"}, {"machine", "m 2"}, {"range", "24h"}});
    CHECK(f.query() == "?state=sick&machine=m%202&range=24h");
    CHECK(read({}).query().empty());
    CHECK(read({{"state", "odd"}, {"range", "7d"}}) == service_filter{});
}

TEST_CASE("each chip changes one part of the filter and keeps the others") {
    const auto t = overview_of(
        {lost("cart", "http://10.0.0.7:1", "x", seconds(1)), listed("search", "http://10.0.0.8:2")});
    const auto chips = make_chips(t, {.state = "sick", .machine = "10.0.0.7"});
    REQUIRE(chips.states.size() == 2);  // nothing is drained or starting, and no errors are known
    CHECK(chips.states[0].query == "?machine=10.0.0.7");
    CHECK(chips.states[1].is_chosen);
    CHECK(chips.states[1].count == 1);
    REQUIRE(chips.machines.size() == 2);
    CHECK(chips.machines[0].is_chosen);
    CHECK(chips.machines[0].query == "?state=sick");  // once more: without it
    CHECK(chips.machines[1].query == "?state=sick&machine=10.0.0.8");
    CHECK(chips.ranges[2].query == "?state=sick&machine=10.0.0.7&range=30d");
}

TEST_CASE("a service matches by its state, its machines, its tags and its errors") {
    auto i = listed("cart", "http://10.0.0.7:1");
    i.tags = {"gateway"};
    auto s = overview_of({i}).services.front();
    CHECK(service_filter{}.matches(s));
    CHECK(service_filter{.machine = "10.0.0.7"}.matches(s));
    CHECK_FALSE(service_filter{.machine = "10.0.0.8"}.matches(s));
    CHECK(service_filter{.tag = "gateway"}.matches(s));
    CHECK_FALSE(service_filter{.tag = "other"}.matches(s));
    CHECK_FALSE(service_filter{.state = "sick"}.matches(s));
    CHECK_FALSE(service_filter{.state = "errors"}.matches(s));
    s.errors = 3;
    CHECK(service_filter{.state = "errors"}.matches(s));
}
