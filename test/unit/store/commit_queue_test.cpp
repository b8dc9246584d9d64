// What commit_queue.hpp promises: one commit per batch, results only after it, whole batches fail, bounds
// hold.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/task_group.hpp"
#include "store/commit_queue.hpp"
#include "store/store_error.hpp"
#include "support/loop_runner.hpp"

using namespace distd;

namespace {

// A store that can be held at `begin`, so that a test decides what one batch holds.
class gated_store final : public commit_target {
public:
    void begin() override {
        std::unique_lock lock(mutex_);
        ++begun;
        arrived_.notify_all();
        opened_.wait(lock, [this] { return open_; });
    }
    void commit() override {
        if (commit_failure) throw store_error(*commit_failure, "the disk said no");
        ++committed;
    }
    void rollback() noexcept override { ++rolled_back; }

    void close_gate() {
        std::lock_guard lock(mutex_);
        open_ = false;
    }
    void open_gate() {
        std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }
    void wait_until_begun(int count) {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [&] { return begun >= count; });
    }

    int begun = 0;
    int committed = 0;
    int rolled_back = 0;
    std::optional<errc> commit_failure;

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    std::condition_variable arrived_;
    bool open_ = true;
};

struct fixture {
    test::loop_runner runner;
    gated_store store;
    commit_queue queue{"test", store, runner.loop.get_executor(), {.jobs = 4, .bytes = 1000}};
    std::vector<result<int>> outcomes;
    task_group group{runner.loop.get_executor(), real_time()};

    task<> one(int value, std::size_t bytes) {
        auto job = [value]() -> result<int> { return value; };
        outcomes.push_back(co_await queue.submit(std::move(job), bytes));
    }
    void spawn(int value, std::size_t bytes = 0) {
        group.spawn("job", [this, value, bytes] { return one(value, bytes); });
    }
    void turn() {
        runner.loop.restart();
        runner.loop.poll();
    }
    void finish() {
        store.open_gate();
        runner.run([this] { return all_done(); });
    }
    task<> all_done() { REQUIRE(co_await group.join_until(steady_point::max())); }

    // The writer thread is inside a batch of one and waits there; all that follows is the next batch.
    void hold_the_writer() {
        store.close_gate();
        spawn(0);
        turn();
        store.wait_until_begun(1);
    }
};

}  // namespace

TEST_CASE("jobs queued during a commit share the next one, and complete in order") {
    fixture f;
    f.hold_the_writer();
    for (int i = 1; i <= 3; ++i) f.spawn(i);
    f.turn();
    CHECK(f.queue.queued_jobs() == 4);
    CHECK(f.outcomes.empty());
    f.finish();
    REQUIRE(f.outcomes.size() == 4);
    for (int i = 0; i < 4; ++i) CHECK(f.outcomes[static_cast<std::size_t>(i)].value() == i);
    CHECK(f.store.committed == 2);
    CHECK(f.queue.batches() == 2);
    CHECK(f.queue.queued_jobs() == 0);
}

TEST_CASE("a failed commit fails every job of its batch, and the next batch works again") {
    fixture f;
    std::vector<std::string> troubles;
    f.queue.on_trouble([&](errc, const std::string& text) { troubles.push_back(text); });
    f.store.commit_failure = errc::storage_full;
    f.spawn(1);
    f.finish();
    REQUIRE(f.outcomes.size() == 1);
    CHECK(f.outcomes[0].error() == make_error_code(errc::storage_full));
    CHECK(f.store.rolled_back == 1);
    CHECK(troubles == std::vector<std::string>{"the disk said no"});

    f.store.commit_failure = errc::storage_failed;
    f.spawn(2);
    f.finish();
    CHECK(f.outcomes[1].error() == make_error_code(errc::storage_failed));

    f.store.commit_failure.reset();
    f.spawn(3);
    f.finish();
    CHECK(f.outcomes[2].value() == 3);
}

TEST_CASE("a job that refuses gets its own error and the batch is committed") {
    fixture f;
    result<> got = errc::stopped;
    auto refusing = [&]() -> task<> {
        auto job = []() -> result<> { return errc::not_found; };
        got = co_await f.queue.submit(job);
    };
    f.runner.run(refusing);
    CHECK(got.error() == make_error_code(errc::not_found));
    CHECK(f.store.committed == 1);
}

TEST_CASE("a job that throws rolls its batch back") {
    fixture f;
    result<> got;
    auto throwing = [&]() -> task<> {
        auto job = []() -> result<> { throw std::runtime_error("out of luck"); };
        got = co_await f.queue.submit(job);
    };
    f.runner.run(throwing);
    CHECK(got.error() == make_error_code(errc::storage_failed));
    CHECK(f.store.rolled_back == 1);
    CHECK(f.store.committed == 0);
}

TEST_CASE("a full queue refuses at once, by jobs and by bytes") {
    fixture f;
    SECTION("jobs") {
        f.hold_the_writer();
        for (int i = 1; i <= 4; ++i) f.spawn(i);
        f.turn();
        REQUIRE(f.outcomes.size() == 1);
    }
    SECTION("bytes") {
        f.hold_the_writer();
        f.spawn(1, 999);
        f.spawn(2, 2);
        f.turn();
        REQUIRE(f.outcomes.size() == 1);
    }
    SECTION("one job over the byte limit is taken when it is alone") {
        f.spawn(1, 5000);
        f.finish();
        CHECK(f.outcomes[0].has_value());
        f.outcomes[0] = errc::overloaded;
    }
    CHECK(f.outcomes[0].error() == make_error_code(errc::overloaded));
    f.finish();
}

TEST_CASE("a waiter may be cancelled: its job is still done and no other is affected") {
    fixture f;
    f.hold_the_writer();
    bool ran = false;
    boost::asio::cancellation_signal cancel;
    std::exception_ptr ended;
    auto waiting = [&]() -> task<> {
        auto job = [&ran]() -> result<> {
            ran = true;
            return {};
        };
        static_cast<void>(co_await f.queue.submit(job));
    };
    boost::asio::co_spawn(
        f.runner.loop, waiting(),
        boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e) { ended = e; }));
    f.spawn(1);
    f.turn();
    cancel.emit(boost::asio::cancellation_type::terminal);
    f.turn();
    CHECK(ended);
    f.finish();
    CHECK(ran);
    CHECK(f.outcomes.size() == 2);
}

TEST_CASE("stop finishes what is queued, and refuses what comes later") {
    fixture f;
    f.hold_the_writer();
    f.spawn(1);
    f.turn();
    f.store.open_gate();
    f.queue.stop();
    CHECK(f.store.committed == 2);
    f.spawn(2);
    f.finish();
    REQUIRE(f.outcomes.size() == 3);
    // The refusal came at once, the two results with the loop's next turn.
    CHECK(std::count_if(f.outcomes.begin(), f.outcomes.end(), [](const auto& o) { return o.has_value(); }) ==
          2);
}

TEST_CASE("callbacks are called after the commit, in the order of their jobs; at once on a refusal") {
    fixture f;
    std::vector<int> called;
    const auto submit = [&](int value) {
        auto job = [value]() -> result<int> { return value; };
        f.queue.submit(std::move(job), 0, [&](result<int> got) {
            called.push_back(got ? *got : -1);
            CHECK((!got || f.store.committed > 0));
        });
    };
    f.hold_the_writer();
    submit(1);
    submit(2);
    f.spawn(3);
    f.turn();
    submit(4);
    CHECK(called == std::vector<int>{-1});  // there is room for four, with the one that is held
    f.finish();
    CHECK(called == std::vector<int>{-1, 1, 2});
    CHECK(f.outcomes.size() == 2);
}

TEST_CASE("the queue's trouble handler is called before the callbacks of the failed batch") {
    fixture f;
    std::vector<std::string> order;
    f.queue.on_trouble([&](errc, const std::string&) { order.emplace_back("trouble"); });
    f.store.commit_failure = errc::storage_full;
    f.hold_the_writer();
    auto job = []() -> result<> { return {}; };
    f.queue.submit(job, 0, [&](const result<>& r) { order.emplace_back(r ? "stored" : "failed"); });
    f.spawn(1);
    f.turn();
    f.finish();
    CHECK(order == std::vector<std::string>{"trouble", "trouble", "failed"});
}

TEST_CASE("no callback is called once the queue is gone") {
    test::loop_runner runner;
    gated_store store;
    int called = 0;
    {
        commit_queue queue("test", store, runner.loop.get_executor());
        auto job = []() -> result<> { return {}; };
        queue.submit(job, 0, [&](result<>) { ++called; });
    }
    CHECK(store.committed == 1);
    runner.loop.restart();
    runner.loop.poll();
    CHECK(called == 0);
}
