#include "base/announcer.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "support/fake_time.hpp"
#include "support/loop_runner.hpp"

using namespace distd;

TEST_CASE("an announcement reaches all who listen by then, also those who do not wait yet") {
    test::loop_runner runner;
    test::fake_time time(runner.loop);
    announcer news;
    runner.run([&]() -> task<> {
        const auto loop = runner.loop.get_executor();
        announcer::listener first(news, loop, time);
        std::optional<announcer::listener> gone(std::in_place, news, loop, time);
        announcer::listener last(news, loop, time);
        gone.reset();
        news.announce();
        co_await first.bell.wait();
        co_await last.bell.wait();
    });
}
