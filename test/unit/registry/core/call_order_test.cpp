#include "role/registry/core/call_order.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using registry::call_order;
using enum call_order::judgement;

namespace {

constexpr steady_point start{std::chrono::hours(1)};
constexpr milliseconds lifetime{1000};

}  // namespace

TEST_CASE("a call counts once, and not after a later one of the same key") {
    call_order o(lifetime);
    CHECK(o.take("a", 5, "10.0.0.1", start) == fresh);
    CHECK(o.take("a", 5, "10.0.0.1", start) == overtaken);
    CHECK(o.take("a", 4, "10.0.0.1", start) == overtaken);
    CHECK(o.take("b", 4, "10.0.0.2", start) == fresh);
    CHECK(o.take("a", 6, "10.0.0.1", start) == fresh);
}

TEST_CASE(
    "keys are bounded: those whose calls are too old to come again make room, others are not forgotten") {
    call_order o(lifetime, 2);
    CHECK(o.take("a", 1, "10.0.0.1", start) == fresh);
    CHECK(o.take("b", 1, "10.0.0.2", start + milliseconds(500)) == fresh);
    CHECK(o.take("c", 1, "10.0.0.3", start + milliseconds(900)) == full);
    CHECK(o.take("b", 1, "10.0.0.2", start + milliseconds(900)) == overtaken);
    CHECK(o.take("c", 1, "10.0.0.3", start + milliseconds(1001)) == fresh);
    CHECK(o.take("a", 1, "10.0.0.1", start + milliseconds(1001)) == full);
    CHECK(o.take("b", 1, "10.0.0.2", start + milliseconds(1001)) == overtaken);
}

TEST_CASE("one source has half of the keys, so that others' calls are taken") {
    call_order o(lifetime, 4);
    const auto take = [&](const std::string& key, const std::string& address, milliseconds later = {}) {
        return o.take(key, 1, address, start + later);
    };
    CHECK(take("a", "2001:db8::1") == fresh);
    CHECK(take("b", "2001:db8::2") == fresh);
    CHECK(take("c", "2001:db8::3") == full);
    CHECK(take("c", "10.0.0.1") == fresh);
    CHECK(take("d", "2001:db8::3", milliseconds(1001)) == fresh);
    CHECK(take("e", "2001:db8::3", milliseconds(1001)) == fresh);
    CHECK(take("f", "2001:db8::3", milliseconds(1001)) == full);
}
