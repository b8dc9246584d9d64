// The order in which the pool begins its jobs, and its bound.
#include <sys/resource.h>
#include <unistd.h>
#include <boost/asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "base/task_group.hpp"
#include "store/blocking_pool.hpp"
#include "support/loop_runner.hpp"
#include "support/thread_gate.hpp"

using namespace distd;

namespace {

// A pool of one thread, which is held until all jobs of a test are queued.
struct held_pool {
    test::loop_runner runner;
    test::thread_gate gate;
    blocking_pool pool{"test", 1, runner.loop.get_executor(), {.waiting_limit = 6}};
    std::string begun;  // written by the pool's thread
    int refused = 0;
    task_group group{runner.loop.get_executor(), real_time()};

    held_pool() {
        group.spawn("gate", [this] { return hold(); });
        runner.loop.poll();
        gate.wait_until_held();
    }
    task<> hold() {
        auto job = [this] { return gate.hold(); };
        static_cast<void>(co_await pool.run(std::move(job)));
    }
    task<> one(char name, turn when) {
        // Its result owns something: one that is moved without ever having been made would show.
        auto job = [this, name]() -> result<std::string> {
            begun += name;
            return std::string(100, name);
        };
        const auto done = co_await pool.run(std::move(job), when);
        if (!done && done.error() == make_error_code(errc::overloaded)) ++refused;
    }
    void queue(const std::string& names, turn when) {
        for (const char n : names) group.spawn("job", [this, n, when] { return one(n, when); });
        runner.loop.restart();
        runner.loop.poll();
    }
    void finish() {
        gate.open();
        runner.run([this] { return all_done(); });
    }
    task<> all_done() { REQUIRE(co_await group.join_until(steady_point::max())); }
};

task<> niceness_in(blocking_pool& pool, result<int>& got) {
    auto job = []() -> result<int> { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); };
    got = co_await pool.run(std::move(job));
}

}  // namespace

TEST_CASE("a pool's jobs of turn::later wait behind the others, but get at least every second turn") {
    held_pool p;
    SECTION("one that comes soon waits for one of the others only") {
        p.queue("abcd", turn::later);
        p.queue("X", turn::soon);
        p.finish();
        CHECK(p.begun == "aXbcd");
    }
    SECTION("many that come soon do not keep the others for ever") {
        p.queue("UVWX", turn::soon);
        p.queue("ab", turn::later);
        p.finish();
        CHECK(p.begun == "aUbVWX");
    }
    SECTION("those of one kind go in their order") {
        const auto kind = GENERATE(turn::soon, turn::later);
        p.queue("abcd", kind);
        p.finish();
        CHECK(p.begun == "abcd");
    }
    CHECK(p.refused == 0);
}

TEST_CASE("a pool refuses over its limit of waiting jobs, those of each turn by themselves") {
    held_pool p;
    p.queue("abcdefg", turn::later);
    p.queue("123456789", turn::one_at_a_time);
    p.queue("X", turn::soon);
    CHECK(p.refused == 4);
    p.finish();
    CHECK(p.begun == "a1Xb2c3d4e5f6");
    CHECK(p.refused == 4);
}

TEST_CASE("jobs of which one is run at a time leave the other threads of a pool free") {
    test::loop_runner runner;
    blocking_pool pool("test", 2, runner.loop.get_executor());
    test::thread_gate gate;
    std::string ended;
    const auto note = [&ended](char name) { return [&ended, name](const result<>&) { ended += name; }; };
    const auto nothing = []() -> result<> { return {}; };
    pool.run([&gate] { return gate.hold(); }, turn::one_at_a_time, note('a'));
    gate.wait_until_held();
    pool.run(nothing, turn::one_at_a_time, note('b'));
    pool.run(nothing, turn::one_at_a_time, note('c'));
    for (const char name : std::string("XYZ"))
        pool.run(nothing, name == 'Y' ? turn::later : turn::soon, note(name));
    const auto run_until = [&](std::size_t count) {
        while (ended.size() < count) runner.loop.run_one();
    };
    const auto work = boost::asio::make_work_guard(runner.loop);
    run_until(3);
    CHECK(ended == "XYZ");
    gate.open();
    run_until(6);
    CHECK(ended == "XYZabc");
    pool.run(nothing, turn::one_at_a_time, note('d'));
    pool.stop();
    run_until(7);
}

TEST_CASE("the job of a cancelled waiter is not started, so a stop does not wait for it") {
    held_pool p;
    task_group leaving{p.runner.loop.get_executor(), real_time()};
    for (const char n : std::string("abc")) leaving.spawn("job", [&p, n] { return p.one(n, turn::soon); });
    p.queue("d", turn::soon);
    leaving.cancel();
    // The waiters leave on the loop, and must have left before the thread goes on.
    p.runner.run([&]() -> task<> { REQUIRE(co_await leaving.join_until(steady_point::max())); });
    p.finish();
    CHECK(p.begun == "d");
}

TEST_CASE("a job may end with a callback, which the end of its pool drops") {
    held_pool p;
    int called = 0;
    const auto job = []() -> result<int> { return 7; };
    {
        blocking_pool gone("test", 1, p.runner.loop.get_executor());
        gone.run(job, turn::soon, [&](const result<int>&) { ++called; });
    }
    p.pool.run(job, turn::soon, [&](const result<int>& got) { called += 10 * *got; });
    p.queue("a", turn::soon);
    p.finish();
    CHECK(called == 70);
}

TEST_CASE("the threads of a pool have the niceness that was asked for") {
    test::loop_runner runner;
    constexpr int lowered = 3;
    blocking_pool pool("test", 1, runner.loop.get_executor(), {.niceness = lowered});
    result<int> got = 0;
    runner.run([&]() { return niceness_in(pool, got); });
    CHECK(got == result<int>(lowered));
}
