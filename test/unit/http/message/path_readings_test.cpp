#include "http/message/path_readings.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace distd::http;

namespace {

bool may_be_read_as(std::string_view path, std::string_view other) {
    const auto readings = other_readings(path);
    REQUIRE(readings);
    return std::ranges::find(*readings, other) != readings->end();
}

}  // namespace

TEST_CASE("a path without escapes, parameters, dot and empty segments has one reading") {
    for (const auto* path : {"/", "/a", "/shop/items/7", "/a.b/c..d/e.", "/a/", "/~x/-_.!$&'()*+,=:@"})
        CHECK(other_readings(path)->empty());
}

// Each got around the rules of some proxy.
TEST_CASE("what other programs take a path for is among its readings") {
    for (const auto* path : {"/shop/%61dmin",        "/shop/%2561dmin",
                             "/shop//admin",         "//shop/admin",
                             "/shop/./admin",        "/shop/x/../admin",
                             "/shop/%2e/admin",      "/shop/x/%2e%2e/admin",
                             "/shop/x/.%2E/admin",   "/shop/x%2f..%2fadmin",
                             "/shop/x%2Fy/../admin", "/shop%2Fadmin",
                             "/shop%5cadmin",        "/shop/x/..%5cadmin",
                             "/shop;v=1/admin",      "/shop/;/admin",
                             "/shop/x/..;/admin",    "/shop/admin;x",
                             "/shop/admin%3Bx",      "/shop/admin%3Fx",
                             "/shop/admin%23x",      "/shop/admin%2523x",
                             "/shop/admin%00x",      "/shop/x%2Fy/../%61dmin",
                             "/shop/x%3F/../admin",  "/shop/%252e%252e/shop/admin"}) {
        CAPTURE(path);
        CHECK(may_be_read_as(path, "/shop/admin"));
    }
}

TEST_CASE("readings end where a path ends, and keep the slash there") {
    CHECK(may_be_read_as("/a/b/..", "/a/"));
    CHECK(may_be_read_as("/a/b/.", "/a/b/"));
    CHECK(may_be_read_as("/../..", "/"));
    CHECK(may_be_read_as("/a%2", "/a%2") == false);  // no escape
    CHECK(other_readings("/a%2")->empty());
}

TEST_CASE("a path with more readings than anybody means is none") {
    std::string path = "/%";
    for (std::size_t i = 0; i <= max_path_readings; ++i) path += "25";
    CHECK_FALSE(other_readings(path + "41"));
    CHECK(other_readings("/%25252541"));
}
