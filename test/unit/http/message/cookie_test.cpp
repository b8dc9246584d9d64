#include "http/message/cookie.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace distd::http;

TEST_CASE("a cookie is found among others by its whole name") {
    CHECK(cookie_value("a=1; sid=xyz; b=2", "sid") == "xyz");
    CHECK(cookie_value("a=1;sid=x=y", "sid") == "x=y");
    CHECK(cookie_value("xsid=1; sid=", "sid").empty());
    CHECK(cookie_value("sid; sidx=1", "sid").empty());
    CHECK(cookie_value("a=1", "sid").empty());
    CHECK(cookie_value("", "sid").empty());
}

TEST_CASE("a cookie field is taken apart one by one, blanks and empty ones skipped") {
    std::string_view field = "; a=1;\t b;; =c ;";
    std::string found;
    while (const auto one = take_cookie(field))
        found.append("[").append(one->name).append("|").append(one->value).append("]");
    CHECK(found == "[a|1][|b][|c ]");
}
