// Where steps take the place of threads a store's work is done when it is let, and by nobody else.
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <deque>
#include <optional>

#include "store/blocking_pool.hpp"
#include "store/commit_queue.hpp"
#include "store/parallel_helper.hpp"
#include "store/worker_thread.hpp"

using namespace distd;

namespace {

class held_steps final : public worker_steps {
public:
    held_steps() : before_(set_worker_steps(this)) {}
    ~held_steps() override { set_worker_steps(before_); }
    void ask_for(std::function<void()> step) override { asked.push_back(std::move(step)); }
    void run_all() {
        for (; !asked.empty(); asked.pop_front()) asked.front()();
    }

    std::deque<std::function<void()>> asked;

private:
    worker_steps* before_;
};

struct counting_store final : commit_target {
    void begin() override {}
    void commit() override { ++commits; }
    void rollback() noexcept override {}
    int commits = 0;
};

struct fixture {
    held_steps steps;
    boost::asio::io_context loop{1};
    counting_store store;

    void turn() {
        loop.restart();
        loop.poll();
    }
};

}  // namespace

TEST_CASE("a commit queue without a thread commits in steps") {
    fixture f;
    std::optional<commit_queue> queue(std::in_place, "test", f.store, f.loop.get_executor());
    int answered = 0;
    const auto submit = [&] {
        queue->submit([]() -> result<int> { return 1; }, 0, [&](const result<int>&) { ++answered; });
    };
    submit();
    submit();
    f.turn();
    CHECK(f.store.commits == 0);
    f.steps.run_all();
    CHECK(f.store.commits == 1);
    f.turn();
    CHECK(answered == 2);

    submit();
    queue->stop();
    CHECK(f.store.commits == 2);
    queue.reset();
    f.steps.run_all();
    CHECK(f.store.commits == 2);
}

TEST_CASE("a blocking pool without threads runs a job per step, and the rest at its end") {
    fixture f;
    std::optional<blocking_pool> pool(std::in_place, "test", 2U, f.loop.get_executor());
    int done = 0;
    for (int i = 0; i < 3; ++i) {
        const auto job = [&done]() -> result<int> { return ++done; };
        boost::asio::co_spawn(f.loop, pool->run(job), [](std::exception_ptr, const result<int>&) {});
    }
    f.turn();
    CHECK(done == 0);
    REQUIRE(f.steps.asked.size() == 3);
    f.steps.asked.front()();
    CHECK(done == 1);
    pool->stop();
    CHECK(done == 3);
    f.steps.run_all();
    CHECK(done == 3);
    f.turn();
}

TEST_CASE("parallel work is done by the caller alone where there are no threads") {
    fixture f;
    parallel_helper helper("test");
    std::size_t sum = 0;
    helper.share(4, [&](std::size_t i) { sum += i; });
    CHECK(sum == 6);
}
