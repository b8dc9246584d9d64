// What is known of a service that was called before anybody looked at the list.
#include <catch2/catch.hpp>

#include "role/portal/grade_book/service_watch.hpp"

using distd::portal::service_watch;
using namespace std::chrono_literals;

TEST_CASE("a service that answered is there, and its later silence is not forgotten when the list is seen") {
    const service_watch::wall_point start{1000s};
    service_watch watch(start);
    watch.on_answer(true, start + 1s);
    CHECK_FALSE(watch.away_since());
    watch.on_answer(false, start + 2s);
    watch.on_listed(true, start + 3s);
    CHECK(watch.away_since() == start + 2s);
}
