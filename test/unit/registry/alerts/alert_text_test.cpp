// What stands in an alert's message, whatever the names and reasons are made of.
#include "role/registry/alerts/alert_text.hpp"

#include <catch2/catch.hpp>
#include <distd/json.hpp>

using namespace distd;
using namespace distd::registry;

namespace {

alert_message sample() {
    alert_message m;
    m.what = alert_kind::back;
    m.service = "cart \"a\"\n";
    m.reason = "well again \\ {{what}}";
    m.instances = "2 of 3";
    m.console = "http://c/services/cart";
    m.since_ms = 1'000'000;
    m.until_ms = 1'090'500;
    return m;
}

}  // namespace

TEST_CASE("the default body of an alert is JSON whatever stands in it") {
    json_error error;
    const auto v = parse_json(filled(default_alert_body, true, sample()), error);
    INFO(error.text);
    REQUIRE(v);
    const auto& o = v->get_object();
    CHECK(o.at("service").as_string() == "cart \"a\" ");
    CHECK(o.at("what").as_string() == "back");
    CHECK(o.at("reason").as_string() == "well again \\ {{what}}");  // what is filled in is no template
    CHECK(o.at("for").as_string() == "1m30s");
    CHECK(o.at("instances").as_string() == "2 of 3");
    CHECK(o.at("text").as_string() == "cart \"a\"  back: well again \\ {{what}}");
}

TEST_CASE("a text is filled in on one line") {
    CHECK(filled("{{service}}|{{what}} }} {x", false, sample()) == "cart \"a\" |back }} {x");
    CHECK(filled("", false, sample()).empty());
}

TEST_CASE("a message that nothing lasts in has no length, and a clock that was set back none below zero") {
    alert_message m;
    CHECK(length_of(m).empty());
    m.since_ms = 5000;
    m.at_ms = 1000;
    CHECK(length_of(m) == "0s");
}

TEST_CASE("a body has a bound for its placeholders, since each may stand for a long text") {
    std::string many;
    for (int i = 0; i < 33; ++i) many += "{{reason}}";
    CHECK_FALSE(fault_in_alert_body(many, false).empty());
    CHECK(fault_in_alert_body(many.substr(10), false).empty());
}
