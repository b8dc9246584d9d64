// Since when a service is away, as the outage page says it.
#include "role/portal/grade_book/service_watch.hpp"

#include <catch2/catch.hpp>

using distd::portal::service_watch;
using namespace std::chrono_literals;

TEST_CASE("a service never seen is unavailable since the portal's start") {
    const service_watch::wall_point start{1000s};
    service_watch watch(start);
    watch.on_listed(false, start + 5s);
    CHECK(watch.away_since() == start);
}

TEST_CASE("a service is unavailable since its last instance left") {
    const service_watch::wall_point start{1000s};
    service_watch watch(start);
    watch.on_listed(true, start + 1s);
    CHECK_FALSE(watch.away_since());
    watch.on_listed(false, start + 10s);
    watch.on_listed(false, start + 20s);
    CHECK(watch.away_since() == start + 10s);
}

TEST_CASE("a service that stopped answering is unavailable since its first failed call") {
    const service_watch::wall_point start{1000s};
    service_watch watch(start);
    watch.on_listed(true, start + 1s);
    watch.on_answer(false, start + 5s);
    watch.on_answer(false, start + 7s);
    CHECK(watch.away_since() == start + 5s);
    watch.on_listed(false, start + 9s);
    CHECK(watch.away_since() == start + 5s);
}

TEST_CASE("an answer, or a new instance, ends the outage") {
    const service_watch::wall_point start{1000s};
    service_watch watch(start);
    watch.on_listed(true, start + 1s);
    watch.on_answer(false, start + 5s);
    watch.on_answer(true, start + 6s);
    CHECK_FALSE(watch.away_since());
    watch.on_answer(false, start + 7s);
    watch.on_listed(false, start + 8s);
    watch.on_listed(true, start + 9s);
    CHECK_FALSE(watch.away_since());
}
