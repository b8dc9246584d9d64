#include "role/registry/core/source_quota.hpp"

#include <catch2/catch.hpp>

using distd::registry::source_quota;

TEST_CASE("a source may register so many instances, and again what it has registered") {
    source_quota quota(2);
    CHECK(quota.claim("http://a", "10.0.0.1"));
    CHECK(quota.claim("http://b", "10.0.0.1"));
    CHECK_FALSE(quota.claim("http://c", "10.0.0.1"));
    CHECK(quota.claim("http://a", "10.0.0.1"));
    CHECK(quota.claim("http://c", "10.0.0.2"));
    CHECK(quota.held_by("10.0.0.1") == 2);
    quota.release("http://a");
    CHECK(quota.claim("http://d", "10.0.0.1"));
    CHECK_FALSE(quota.claim("http://a", "10.0.0.1"));
}

TEST_CASE("an instance counts for the source that registered it last") {
    source_quota quota(1);
    CHECK(quota.claim("http://a", "10.0.0.1"));
    CHECK(quota.claim("http://a", "10.0.0.2"));
    CHECK(quota.held_by("10.0.0.1") == 0);
    CHECK(quota.held_by("10.0.0.2") == 1);
    CHECK(quota.claim("http://b", "10.0.0.1"));
    CHECK_FALSE(quota.claim("http://a", "10.0.0.1"));  // refused, and nothing has moved
    CHECK(quota.held_by("10.0.0.2") == 1);
}

TEST_CASE("what nobody claimed can be released") {
    source_quota quota(1);
    quota.release("http://kept-over-a-restart");
    CHECK(quota.claim("http://a", "10.0.0.1"));
}
