#include "role/registry/core/source_quota.hpp"

#include <catch2/catch.hpp>

using distd::registry::source_quota;
using enum source_quota::answer;

namespace {

source_quota::share of(const char* source, std::size_t bytes = 100) { return {source, bytes}; }

}  // namespace

TEST_CASE("a source may register so many instances, and again what it has registered") {
    source_quota quota({.max_instances = 2});
    CHECK(quota.claim(of("10.0.0.1")) == granted);
    CHECK(quota.claim(of("10.0.0.1")) == granted);
    CHECK(quota.claim(of("10.0.0.1")) == too_many);
    const auto before = of("10.0.0.1");
    CHECK(quota.claim(of("10.0.0.1"), &before) == granted);
    quota.give_back(before);  // it was replaced
    CHECK(quota.claim(of("10.0.0.2")) == granted);
    CHECK(quota.held_by("10.0.0.1") == 2);
    quota.give_back(of("10.0.0.1"));
    CHECK(quota.claim(of("10.0.0.1")) == granted);
    CHECK(quota.claim(of("10.0.0.1")) == too_many);
}

TEST_CASE("other addresses of the same source are no further source") {
    source_quota quota({.max_instances = 1});
    CHECK(quota.claim(of("2001:db8::1")) == granted);
    CHECK(quota.claim(of("2001:db8::2")) == too_many);
    CHECK(quota.claim(of("127.0.0.1")) == granted);
    CHECK(quota.claim(of("127.0.0.2")) == too_many);
    const auto before = of("127.0.0.1");
    CHECK(quota.claim(of("127.0.0.2"), &before) == granted);
    quota.give_back(before);
    CHECK(quota.held_by("127.0.0.3") == 1);
}

TEST_CASE("an instance counts for the source that registered it last, in bytes too") {
    source_quota quota({.max_instances = 1, .max_bytes = 300, .max_bytes_in_all = 310});
    CHECK(quota.claim(of("10.0.0.1", 300)) == granted);
    const auto before = of("10.0.0.1", 300);
    CHECK(quota.claim(of("10.0.0.2", 299), &before) == granted);
    quota.give_back(before);
    CHECK(quota.held_by("10.0.0.1") == 0);
    CHECK(quota.held_by("10.0.0.2") == 1);
    CHECK(quota.bytes() == 299);
    CHECK(quota.claim(of("10.0.0.1", 10)) == granted);
    const auto other = of("10.0.0.2", 299);
    CHECK(quota.claim(of("10.0.0.1", 10), &other) == too_many);  // refused, and nothing has moved
    CHECK(quota.held_by("10.0.0.2") == 1);
    CHECK(quota.bytes() == 309);
}

TEST_CASE("what a source may register is bounded in bytes, and so is what all may") {
    source_quota quota({.max_instances = 100, .max_bytes = 300, .max_bytes_in_all = 500});
    CHECK(quota.claim(of("10.0.0.1", 200)) == granted);
    CHECK(quota.claim(of("10.0.0.1", 101)) == too_large);
    CHECK(quota.claim(of("10.0.0.1", 100)) == granted);
    const auto before = of("10.0.0.1", 200);
    CHECK(quota.claim(of("10.0.0.1", 201), &before) == too_large);
    CHECK(quota.claim(of("10.0.0.1", 50), &before) == granted);  // it has become smaller
    quota.give_back(before);
    CHECK(quota.claim(of("10.0.0.2", 300)) == granted);
    CHECK(quota.claim(of("10.0.0.3", 51)) == all_too_large);
    CHECK(quota.bytes() == 450);
    quota.give_back(of("10.0.0.2", 300));
    CHECK(quota.claim(of("10.0.0.3", 51)) == granted);
}

TEST_CASE("what was kept over a restart counts, also where it is more than is allowed by now") {
    source_quota quota({.max_instances = 1, .max_bytes = 100, .max_bytes_in_all = 100});
    quota.restore(of("10.0.0.1", 300));
    quota.restore(of("10.0.0.1", 300));
    CHECK(quota.held_by("10.0.0.1") == 2);
    CHECK(quota.claim(of("10.0.0.2", 1)) == all_too_large);
    quota.give_back(of("10.0.0.1", 300));
    quota.give_back(of("10.0.0.1", 300));
    CHECK(quota.claim(of("10.0.0.2", 1)) == granted);
}
