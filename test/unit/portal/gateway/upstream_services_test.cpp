// What the gateway reads in a registry's list of instances.
#include "role/portal/gateway/upstream_services.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::portal;

TEST_CASE("the registry's list says which instances are offered, with tag, weight, zone and version") {
    std::string error;
    const auto list = parse_listed(
        R"([{"ServiceName":"A","ServiceURL":"http://a","Tags":["x","gateway"],
             "Weight":3,"Zone":"z","Version":"2","Health":"passing"},
            {"ServiceName":"A","ServiceURL":"http://b","Health":"lost","Reason":"r"},
            {"ServiceName":"A","ServiceURL":"http://c","Health":"lost","Guarded":true},
            {"ServiceName":"A","ServiceURL":"http://d","Health":"passing","Drained":true},
            {"ServiceName":"A","ServiceURL":"http://e","Tags":["gateway"],"Unproven":true}])",
        error);
    REQUIRE(list);
    REQUIRE(list->size() == 5);
    CHECK_FALSE((*list)[4].is_tagged);
    CHECK((*list)[0].facts == instance_facts{"http://a", 3, "z", "2"});
    CHECK((*list)[0].is_tagged);
    CHECK_FALSE((*list)[1].is_offered);
    CHECK((*list)[2].is_offered);
    CHECK_FALSE((*list)[2].is_tagged);
    CHECK_FALSE((*list)[3].is_offered);
    CHECK_FALSE(parse_listed("{}", error));
}
