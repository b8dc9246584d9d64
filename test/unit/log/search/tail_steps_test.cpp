// However many tails there are, they leave the reading pool to others.
#include <catch2/catch.hpp>

#include "base/task_group.hpp"
#include "role/log/search/search.hpp"
#include "role/log/search/tail_steps.hpp"
#include "support/loop_runner.hpp"
#include "support/moving_time.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::logs;

namespace {

constexpr std::size_t tails = 1500;  // more than jobs may wait in the pool

struct tailed_store {
    static log_store::setup setup_in(const std::filesystem::path& directory) {
        log_store::setup s;
        s.directory = directory;
        s.sync_each_commit = false;
        return s;
    }

    test::temp_dir dir;
    test::loop_runner runner;
    test::moving_time still{milliseconds(0)};
    log_store store{setup_in(dir.path()), runner.loop.get_executor(), real_time()};
    tail_steps steps{store, runner.loop.get_executor(), real_time(), turn::later};
    std::size_t found = 0;
    task_group running{runner.loop.get_executor(), real_time()};
    task_group tailing{runner.loop.get_executor(), real_time()};

    task<> tail() {
        log_query q;
        q.oldest_first = true;
        auto s =
            std::make_shared<search>(store.parts(), store.journal(), store.helper(), q, search_budget(still));
        const auto lines = co_await steps.step(std::move(s));
        if (lines && lines->is_end) found += lines->lines.size();
    }
    task<> fill() {
        const std::string line = R"({"time":"2026-01-02T03:04:05.000000Z","level":"info","message":"a"})";
        auto placed = co_await store.append(line + "\n", 1);
        REQUIRE(placed.has_value());
    }
    task<> search_beside() {
        auto s = std::make_shared<search>(store.parts(), store.journal(), store.helper(), log_query{},
                                          search_budget(still));
        const auto lines = co_await store.step(std::move(s));
        REQUIRE(lines.has_value());
        CHECK(lines->lines.size() == 1);
    }
    task<> end() {
        REQUIRE(co_await tailing.join_until(steady_point::max()));
        running.cancel();
        REQUIRE(co_await running.join_until(steady_point::max()));
    }
};

}  // namespace

TEST_CASE("more tails than queue slots are all served, and do not block a search") {
    tailed_store t;
    t.runner.run([&t] { return t.fill(); });
    t.running.spawn("steps", [&t] { return t.steps.run(); });
    for (std::size_t i = 0; i < tails; ++i) t.tailing.spawn("tail", [&t] { return t.tail(); });
    t.runner.run([&t] { return t.search_beside(); });
    t.runner.run([&t] { return t.end(); });
    CHECK(t.found == tails);
}

TEST_CASE("a tail that disconnects while others wait with it does not delay them") {
    tailed_store t;
    t.runner.run([&t] { return t.fill(); });
    for (int i = 0; i < 3; ++i) t.tailing.spawn("tail", [&t] { return t.tail(); });
    t.runner.loop.restart();
    t.runner.loop.poll();
    t.tailing.cancel();
    t.tailing.spawn("stays", [&t] { return t.tail(); });
    t.running.spawn("steps", [&t] { return t.steps.run(); });
    t.runner.run([&t] { return t.end(); });
    CHECK(t.found == 1);
}
