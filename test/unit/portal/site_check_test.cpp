// Forms of other sites are told from our own and from programs'.
#include "role/portal/core/site_check.hpp"

#include <catch2/catch.hpp>

using distd::portal::is_from_another_site;

TEST_CASE("a program that sends none of the headers is no other site") {
    CHECK_FALSE(is_from_another_site("", "", "127.0.0.1:5005"));
}

TEST_CASE("what the browser says of the sending page decides alone") {
    CHECK_FALSE(is_from_another_site("same-origin", "http://127.0.0.1:5005", "127.0.0.1:5005"));
    CHECK_FALSE(is_from_another_site("none", "", "127.0.0.1:5005"));
    CHECK(is_from_another_site("cross-site", "", "127.0.0.1:5005"));
    CHECK(is_from_another_site("same-site", "http://127.0.0.1:8080", "127.0.0.1:5005"));
    CHECK(is_from_another_site("something-new", "", "127.0.0.1:5005"));
    // A proxy in front that rewrites Host.
    CHECK_FALSE(is_from_another_site("same-origin", "https://grades.example", "127.0.0.1:5005"));
}

TEST_CASE("without it the origin's host and port are compared with the request's") {
    CHECK_FALSE(is_from_another_site("", "http://127.0.0.1:5005", "127.0.0.1:5005"));
    CHECK_FALSE(is_from_another_site("", "HTTP://Grades.Example", "grades.example:80"));
    CHECK_FALSE(is_from_another_site("", "https://grades.example", "grades.example:443"));
    CHECK_FALSE(is_from_another_site("", "https://grades.example", "grades.example"));
    CHECK(is_from_another_site("", "http://127.0.0.1:8080", "127.0.0.1:5005"));
    CHECK(is_from_another_site("", "http://evil.example", "127.0.0.1:5005"));
    CHECK(is_from_another_site("", "http://127.0.0.1:5005.evil.example", "127.0.0.1:5005"));
    CHECK(is_from_another_site("", "null", "127.0.0.1:5005"));
    CHECK(is_from_another_site("", "file://127.0.0.1:5005", "127.0.0.1:5005"));
}
