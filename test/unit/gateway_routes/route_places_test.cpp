// Two routes that want the same prefix and host: the one that has the place keeps it.
#include <catch2/catch.hpp>

#include "role/gateway_routes/route_table.hpp"

using namespace distd::gateway_routes;
using Catch::Contains;

namespace {

std::string to(const std::string& service, const std::string& prefix) {
    return R"({"service":")" + service + R"(","prefix":")" + prefix + R"("})";
}

// Which service the path leads to.
std::string service_at(const route_table& t, const std::string& path) {
    const auto found = t.match("h", path, path);
    return found ? found->route->service : "none";
}

}  // namespace

TEST_CASE("a new route takes no other one's place, whatever it is called") {
    const auto before = route_table::from({{"m", to("Old", "/shop")}}, {});
    const auto name = GENERATE(Catch::Generators::values<std::string>({"a", "z"}));
    const auto t = route_table::from({{"m", to("Old", "/shop")}, {name, to("New", "/shop")}}, *before);
    CHECK(service_at(*t, "/shop") == "Old");
    REQUIRE(t->errors().size() == 1);
    CHECK(t->errors()[0].key == "gateway/routes/" + name);
    CHECK_THAT(t->errors()[0].what, Contains("route m, which stays") && !Contains("previous version"));
}

TEST_CASE("a route that is moved to another one's place stays where it was") {
    const auto before = route_table::from({{"a", to("A", "/a")}, {"b", to("B", "/b")}}, {});
    const auto t = route_table::from({{"a", to("A", "/b")}, {"b", to("B", "/b")}}, *before);
    CHECK(service_at(*t, "/a") == "A");
    CHECK(service_at(*t, "/b") == "B");
    REQUIRE(t->errors().size() == 1);
    CHECK_THAT(t->errors()[0].what, Contains("route b, which stays") && Contains("previous version"));
    // Once the other one has moved as well, both are where they want to be.
    const auto swapped = route_table::from({{"a", to("A", "/b")}, {"b", to("B", "/a")}}, *t);
    CHECK(swapped->errors().empty());
    CHECK(service_at(*swapped, "/a") == "B");
    CHECK(service_at(*swapped, "/b") == "A");
}

TEST_CASE("what a mistaken move would leave stays its own, too") {
    const auto before =
        route_table::from({{"a", to("A", "/a")}, {"b", to("B", "/b")}, {"c", to("C", "/c")}}, {});
    const auto t =
        route_table::from({{"a", to("A", "/c")}, {"b", to("B", "/a")}, {"c", to("C", "/c")}}, *before);
    CHECK(service_at(*t, "/a") == "A");
    CHECK(service_at(*t, "/b") == "B");
    CHECK(service_at(*t, "/c") == "C");
    CHECK(t->errors().size() == 2);
}
