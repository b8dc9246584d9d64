// What completion.hpp promises: one operation, awaited or with a callback; a handler never runs within the
// function that began its operation; a cancelled coroutine goes on at once and the operation goes on without
// it.
#include "base/completion.hpp"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "base/task_group.hpp"
#include "support/loop_runner.hpp"

using namespace distd;

namespace {

// Completes when the test says so.
struct operation {
    template <class Token = use_task_t>
    auto begin(Token token = {}) {
        return initiate<result<int>>(std::move(token), [this](completion<result<int>> on_done) mutable {
            ++begun;
            if (at_once) return on_done(*at_once);
            pending = std::move(on_done);
        });
    }

    int begun = 0;
    std::optional<result<int>> at_once;
    completion<result<int>> pending;
};

struct fixture {
    test::loop_runner runner;
    operation op;
    std::vector<result<int>> outcomes;
    task_group group{runner.loop.get_executor(), real_time()};

    task<> wait() { outcomes.push_back(co_await op.begin()); }
    void turn() {
        runner.loop.restart();
        runner.loop.poll();
    }
    void spawn_waiter() {
        group.spawn("waiter", [this] { return wait(); });
        turn();
    }
    void finish() {
        runner.run([this]() { return all_done(); });
    }
    task<> all_done() { REQUIRE(co_await group.join_until(steady_point::max())); }
};

}  // namespace

TEST_CASE("an operation is begun when it is first awaited, and the coroutine goes on with its outcome") {
    fixture f;
    auto waiting = f.wait();
    CHECK(f.op.begun == 0);
    f.spawn_waiter();
    CHECK(f.op.begun == 1);
    CHECK(f.op.pending.is_wanted());
    f.op.pending(7);
    CHECK(f.outcomes.empty());  // with the loop's next turn, not within the call
    f.finish();
    REQUIRE(f.outcomes.size() == 1);
    CHECK(f.outcomes[0].value() == 7);
    CHECK_FALSE(f.op.pending);
}

TEST_CASE("an operation that completes while it is begun resumes its coroutine later") {
    fixture f;
    f.op.at_once = result<int>(errc::overloaded);
    f.spawn_waiter();
    f.finish();
    REQUIRE(f.outcomes.size() == 1);
    CHECK(f.outcomes[0].error() == make_error_code(errc::overloaded));
}

TEST_CASE("a cancelled coroutine ends although its operation does not, and what that brings is dropped") {
    fixture f;
    f.spawn_waiter();
    f.group.cancel();
    f.finish();
    CHECK(f.outcomes.empty());
    CHECK_FALSE(f.op.pending.is_wanted());
    f.op.pending(7);
    f.turn();
    CHECK(f.outcomes.empty());
}

TEST_CASE("a callback is called by whoever completes the operation, which begins at once") {
    fixture f;
    const auto note = [&](result<int> got) { f.outcomes.push_back(got); };
    f.op.begin(note);
    CHECK(f.op.begun == 1);
    CHECK(f.op.pending.is_wanted());
    f.op.pending(7);
    REQUIRE(f.outcomes.size() == 1);
    CHECK(f.outcomes[0].value() == 7);

    f.op.at_once = result<int>(8);
    f.op.begin(note);
    REQUIRE(f.outcomes.size() == 2);
    CHECK(f.outcomes[1].value() == 8);
}

TEST_CASE("an operation may pass its completion on to another one") {
    fixture f;
    std::optional<result<int>> got;
    f.op.begin(completion<result<int>>::of_callback([&](result<int> r) { got = r; }));
    f.op.pending(7);
    CHECK(got == result<int>(7));
}

TEST_CASE("a loop does not end while a coroutine waits for an outcome from a thread") {
    fixture f;
    f.group.spawn("waiter", [&f] { return f.wait(); });
    std::thread thread;
    boost::asio::post(f.runner.loop, [&] {
        thread = std::thread([&] { boost::asio::post(f.runner.loop, [&] { f.op.pending(7); }); });
    });
    f.runner.loop.restart();
    f.runner.loop.run();
    thread.join();
    CHECK(f.outcomes.size() == 1);
}
