// What the console says of a value below `gateway/` before it is kept is what the gateway would say.
#include "role/gateway_routes/key_judge.hpp"

#include <catch2/catch.hpp>

using namespace distd::gateway_routes;
using Catch::Contains;

namespace {

const std::vector<held_place> held{{"shop", "cart", "", "/shop"}, {"old", "Old", "", "/old"}};

std::string judged(std::string_view key, const std::string& text) {
    return fault_in_gateway_value(key, text, held, "10.0.0.5");
}

}  // namespace

TEST_CASE("a route that the gateway would take has no fault, also where it replaces itself") {
    CHECK(judged("routes/new", R"({"service":"cart","prefix":"/new"})").empty());
    CHECK(judged("routes/shop", R"({"service":"other","prefix":"/shop"})").empty());
    CHECK(judged("routes/shop", R"({"service":"cart","prefix":"/moved"})").empty());
    CHECK(judged("services", R"(["cart","search"])").empty());
    CHECK(judged("notes", "the gateway does not read this").empty());
}

TEST_CASE("a route that the gateway would refuse is reported with its member and what would be right") {
    CHECK_THAT(judged("routes/new", R"({"prefix":"/new"})"), Contains("service"));
    CHECK_THAT(judged("routes/new", R"({"service":"a","prefix":"new"})"),
               Contains("prefix: expected a path"));
    CHECK_THAT(judged("routes/new", R"({"service":"a","prefix":"/new","strip":true})"),
               Contains("strip: unknown field"));
    CHECK_THAT(judged("routes/new", R"({"service":"a","prefix":"/students"})"), Contains("the portal's own"));
    CHECK_THAT(judged("routes/new", R"({"service":"a","host":"10.0.0.5"})"), Contains("needs a prefix"));
    CHECK_THAT(judged("routes/new", "{"), !Contains("previous version"));
    CHECK_FALSE(judged("routes/new", "{").empty());
    CHECK_FALSE(judged("services", R"({"cart":true})").empty());
}

TEST_CASE("a route at another one's place is reported with the name of that one") {
    CHECK_THAT(judged("routes/new", R"({"service":"a","prefix":"/shop"})"),
               Contains("route shop, which stays"));
    CHECK_THAT(judged("routes/old", R"({"service":"a","prefix":"/shop"})"),
               Contains("route shop, which stays"));
}
