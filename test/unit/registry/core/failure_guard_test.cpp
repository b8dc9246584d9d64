// Why the guard against mass failures turns, in words for whoever reads the timeline.
#include <catch2/catch.hpp>

#include "role/registry/core/failure_guard.hpp"

using namespace distd;
using namespace std::chrono_literals;
using registry::failure_guard;
using turn = failure_guard::turn;

namespace {

struct course {
    course() {
        for (const char* url : {"a", "b", "c", "d", "e", "f"}) guard.lost(url, now + 6s);
        CHECK(guard.review(10, 6, now) == turn::on);
        CHECK(guard.reason() == "6 of 10 watched instances were lost at once: the fault may be ours");
    }

    failure_guard guard{{}};
    steady_point now = steady_point{} + 1h;
};

}  // namespace

TEST_CASE("the guard says that it ends because most are well again") {
    course c;
    CHECK(c.guard.review(10, 3, c.now + 1s) == turn::off);
    CHECK(c.guard.reason() == "fewer than a third are lost");
}

TEST_CASE("the guard says that it ends because its time is over") {
    course c;
    CHECK(c.guard.review(10, 6, c.now + 59s) == turn::none);
    CHECK(c.guard.review(10, 6, c.now + 60s) == turn::off);
    CHECK(c.guard.reason() == "its time is over: the losses are real");
}
