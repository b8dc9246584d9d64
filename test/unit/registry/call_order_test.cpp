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
    CHECK(o.take("a", 5, start) == fresh);
    CHECK(o.take("a", 5, start) == overtaken);
    CHECK(o.take("a", 4, start) == overtaken);
    CHECK(o.take("b", 4, start) == fresh);
    CHECK(o.take("a", 6, start) == fresh);
}

TEST_CASE(
    "keys are bounded: those whose calls are too old to come again make room, others are not forgotten") {
    call_order o(lifetime, 2);
    CHECK(o.take("a", 1, start) == fresh);
    CHECK(o.take("b", 1, start + milliseconds(500)) == fresh);
    CHECK(o.take("c", 1, start + milliseconds(900)) == full);
    CHECK(o.take("b", 1, start + milliseconds(900)) == overtaken);
    CHECK(o.take("c", 1, start + milliseconds(1001)) == fresh);
    CHECK(o.take("a", 1, start + milliseconds(1001)) == full);
    CHECK(o.take("b", 1, start + milliseconds(1001)) == overtaken);
}
