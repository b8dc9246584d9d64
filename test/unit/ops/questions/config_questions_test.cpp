// How the central configuration is asked for and changed.
#include <catch2/catch.hpp>

#include "ops/questions/config_questions.hpp"

using namespace distd;
using namespace distd::ops;

TEST_CASE("paths of the configuration keep what is in a key apart from a directory's slash") {
    CHECK(config_path("cart/limits") == "/config/cart%2Flimits");
    CHECK(config_path("cart/") == "/config/cart%2F");
    CHECK(config_list_path("") == "/config");
    CHECK(config_list_path("cart/") == "/config/cart/");
    CHECK(config_list_path("a/b/") == "/config/a%2Fb/");
    CHECK(config_version_path("motd", 7) == "/config/motd?version=7");
    CHECK(config_history_path("a b") == "/config/a%20b?history=1");
    CHECK(config_restore_path("motd", 2) == "/config/motd?restore=2");
}

TEST_CASE("a value comes with its type, its tag and its version") {
    http::reply r{200, {}, "hello"};
    r.headers.set("Content-Type", "text/plain");
    r.headers.set("ETag", "\"9f\"");
    r.headers.set("X-Distd-Version", "12");
    const auto v = value_in(r);
    CHECK(v.bytes == "hello");
    CHECK(v.media_type == "text/plain");
    CHECK(v.etag == "\"9f\"");
    CHECK(v.version == 12);
    r.headers.set("X-Distd-Version", "12th");
    CHECK(value_in(r).version == 0);
}

TEST_CASE("a change of the configuration holds for the value that was seen, or for none") {
    http::call seen("PUT", config_path("motd"));
    make_conditional(seen, "\"9f\"");
    CHECK(seen.headers.find("If-Match") == "\"9f\"");
    CHECK(seen.headers.find("If-None-Match").empty());
    http::call first("PUT", config_path("motd"));
    make_conditional(first, "");
    CHECK(first.headers.find("If-None-Match") == "*");
    CHECK(first.headers.find("If-Match").empty());
}
