// Room for lines in memory: bounded, in order, given back.
#include <catch2/catch.hpp>
#include <string>

#include "base/task_group.hpp"
#include "role/log/intake/memory_budget.hpp"
#include "support/loop_runner.hpp"

using namespace distd;
using namespace distd::logs;

namespace {

struct room_of_ten {
    test::loop_runner runner;
    memory_budget room{10, runner.loop.get_executor(), real_time()};
    std::string got;  // room, in order
    alarm_clock end{runner.loop.get_executor(), real_time()};
    task_group group{runner.loop.get_executor(), real_time()};

    task<> hold(char name, std::size_t bytes) {
        const auto reservation = co_await room.reserve(bytes);
        got += name;
        co_await end.wait();
    }
    task<> pass(char name, std::size_t bytes) {
        const auto reservation = co_await room.reserve(bytes);
        got += name;
    }
    void poll() {
        runner.loop.restart();
        runner.loop.poll();
    }
    task<> all_done() { REQUIRE(co_await group.join_until(steady_point::max())); }
};

}  // namespace

TEST_CASE("memory is granted in order, and a small request does not pass a large one that waits") {
    room_of_ten r;
    r.group.spawn("holds", [&r] { return r.hold('a', 6); });
    r.group.spawn("large", [&r] { return r.pass('B', 8); });
    r.group.spawn("small", [&r] { return r.pass('c', 1); });
    r.poll();
    CHECK(r.got == "a");
    CHECK(r.room.taken() == 6);
    r.end.wake();
    r.runner.run([&r] { return r.all_done(); });
    CHECK(r.got == "aBc");
    CHECK(r.room.taken() == 0);
}

TEST_CASE(
    "a cancelled request for memory delays no other, and one for more than the budget waits for all of it") {
    room_of_ten r;
    task_group leaving{r.runner.loop.get_executor(), real_time()};
    r.group.spawn("holds", [&r] { return r.hold('a', 6); });
    r.poll();
    leaving.spawn("leaves", [&r] { return r.pass('x', 9); });
    r.poll();
    r.group.spawn("fits", [&r] { return r.pass('b', 4); });
    r.group.spawn("more than there is", [&r] { return r.pass('C', 1000); });
    r.poll();
    CHECK(r.got == "a");
    leaving.cancel();
    r.poll();
    CHECK(r.got == "ab");
    r.end.wake();
    r.runner.run([&r] { return r.all_done(); });
    CHECK(r.got == "abC");
    CHECK(r.room.taken() == 0);
}

TEST_CASE("memory that is not needed any more is returned before the end") {
    room_of_ten r;
    const auto body = [&r]() -> task<> {
        auto reservation = co_await r.room.reserve(10);
        reservation.shrink(3);
        CHECK(r.room.taken() == 3);
        reservation.shrink(5);
        CHECK(r.room.taken() == 3);
    };
    r.runner.run(body);
    CHECK(r.room.taken() == 0);
}
