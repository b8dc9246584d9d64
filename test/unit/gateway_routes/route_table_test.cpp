#include <catch2/catch.hpp>

#include "role/gateway_routes/route_table.hpp"

using namespace distd::gateway_routes;
using Catch::Contains;

namespace {

std::shared_ptr<const route_table> table(std::map<std::string, std::string> values) {
    return route_table::from(values, {});
}

std::string target_of(const route_table& t, const std::string& path, const std::string& host = "h") {
    const auto found = t.match(host, path.substr(0, path.find('?')), path);
    return found ? found->route->name + " " + found->target : "none";
}

}  // namespace

TEST_CASE("a route matches whole segments; its prefix is kept, taken off or exchanged") {
    const auto t =
        table({{"kept", R"({"service":"S","prefix":"/shop"})"},
               {"off", R"({"service":"S","prefix":"/off","strip_prefix":true})"},
               {"other", R"({"service":"S","prefix":"/old","strip_prefix":true,"add_prefix":"/v1"})"}});
    REQUIRE(t->errors().empty());
    CHECK(target_of(*t, "/shop/x?y=1") == "kept /shop/x?y=1");
    CHECK(target_of(*t, "/shop") == "kept /shop");
    CHECK(target_of(*t, "/shopping") == "none");
    CHECK(target_of(*t, "/off/a%2Fb?q") == "off /a%2Fb?q");
    CHECK(target_of(*t, "/off") == "off /");
    CHECK(target_of(*t, "/off?q=1") == "off /?q=1");
    CHECK(target_of(*t, "/old/x") == "other /v1/x");
}

TEST_CASE("the longest prefix wins, and one with the request's host before one for any") {
    const auto t = table({{"a", R"({"service":"S","prefix":"/x"})"},
                          {"b", R"({"service":"S","prefix":"/x/y"})"},
                          {"c", R"({"service":"S","prefix":"/x","host":"Shop.example"})"}});
    CHECK(target_of(*t, "/x/y/z") == "b /x/y/z");
    CHECK(target_of(*t, "/x/z") == "a /x/z");
    CHECK(target_of(*t, "/x/y", "shop.EXAMPLE:8080") == "c /x/y");
}

TEST_CASE(
    "a route may have all of a host, but for longer prefixes, and never one where registries find the "
    "portal") {
    const auto t = route_table::from({{"all", R"({"service":"S","host":"Shop.example"})"},
                                      {"part", R"({"service":"S","host":"shop.example","prefix":"/x"})"},
                                      {"moved", R"({"service":"S","host":"old.example","add_prefix":"/v1"})"},
                                      {"own", R"({"service":"S","host":"PORTAL.example"})"},
                                      {"loopback", R"({"service":"S","host":"127.0.0.1"})"}},
                                     {}, "portal.example");
    CHECK(target_of(*t, "/students?x", "shop.example:80") == "all /students?x");
    CHECK(target_of(*t, "/api/x", "shop.example") == "all /api/x");
    CHECK(target_of(*t, "/x/y", "shop.example") == "part /x/y");
    CHECK(target_of(*t, "/", "old.example") == "moved /v1/");
    CHECK(target_of(*t, "/y", "h") == "none");
    CHECK(t->takes_host("SHOP.example:8080"));
    CHECK_FALSE(t->takes_host("h"));
    CHECK_FALSE(t->takes_host("portal.example"));
    REQUIRE(t->errors().size() == 2);
    for (const auto& e : t->errors()) CHECK_THAT(e.what, Contains("needs a prefix"));
    CHECK_FALSE(table({{"part", R"({"service":"S","host":"a","prefix":"/x"})"}})->takes_hosts());
}

TEST_CASE("a route that makes no sense is named with its fault, and the others hold") {
    const auto [text, fault] = GENERATE(Catch::Generators::table<std::string, std::string>(
        {{R"({"service":"S"})", "prefix"},
         {R"({"prefix":"/x"})", "service"},
         {R"({"service":"S","prefix":"x"})", "prefix"},
         {R"({"service":"S","prefix":"/x/"})", "prefix"},
         {R"({"service":"S","prefix":"/a/../b"})", "prefix"},
         {R"({"service":"S","prefix":"/students/x"})", "portal's own"},
         {R"({"service":"S","prefix":"/x","host":"a b"})", "host"},
         {R"({"service":"S","prefix":"/x","host":"*.example"})", "host"},
         {R"({"service":"S","prefix":"/","host":"a"})", "prefix"},
         {R"({"service":"S","prefix":"/x","versions":{"1":-1}})", "versions.1"},
         {R"({"service":"S","prefix":"/x","hash_header":"a","hash_cookie":"b"})", "one of the two"},
         {R"({"service":"S","prefix":"/x","request_headers":{"set":{"Host":"a"}}})", "Host"},
         {R"({"service":"S","prefix":"/x","response_headers":{"add":{"X":"a\nb"}}})", "control character"},
         {R"({"service":"S","prefix":"/tests"})", "portal's own"},
         {R"({"service":"S","prefix":"/import/x"})", "portal's own"},
         {R"({"service":"S","prefix":"/export.csv"})", "portal's own"},
         {R"({"service":"S","prefix":"/x","strip_prefx":true})", "strip_prefx: unknown field"},
         {R"({"service":"S","prefix":"/x","request_headers":{"delete":["A"]}})", "request_headers.delete"},
         {R"({"service":"S","prefix":"/x","versions":{"1":0,"2":0}})", "above 0"},
         {R"({"service":"S","prefix":"/x","hash_header":"X Y"})", "hash_header"},
         {R"({"service":"S","prefix":"/x","hash_cookie":"a;b"})", "hash_cookie"},
         {R"({"service":"S","prefix":"/good"})", "route good"},
         {"nonsense", ""}}));
    const auto t = route_table::from({{"z", text}, {"good", R"({"service":"S","prefix":"/good"})"}}, {});
    REQUIRE(t->errors().size() == 1);
    CHECK(t->routes().size() == 1);
    CHECK_THAT(t->errors()[0].what, Contains(fault));
}

TEST_CASE("a change that makes no sense leaves the route as it was, until it is corrected or taken away") {
    const auto before = table({{"shop", R"({"service":"S","prefix":"/shop"})"}});
    const auto broken = route_table::from({{"shop", R"({"service":"T",)"}}, *before);
    CHECK(target_of(*broken, "/shop/x") == "shop /shop/x");
    REQUIRE(broken->errors().size() == 1);
    CHECK_THAT(broken->errors()[0].what, Contains("not JSON") && Contains("previous version"));
    const auto still = route_table::from({{"shop", "[]"}}, *broken);
    CHECK(target_of(*still, "/shop/x") == "shop /shop/x");
    const auto corrected = route_table::from({{"shop", R"({"service":"T","prefix":"/till"})"}}, *still);
    CHECK(target_of(*corrected, "/shop/x") == "none");
    CHECK(target_of(*corrected, "/till") == "shop /till");
    CHECK(route_table::from({}, *still)->routes().empty());
}
