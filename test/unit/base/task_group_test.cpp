#include "base/task_group.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "support/fake_time.hpp"
#include "support/loop_runner.hpp"

namespace {

using namespace distd;
using namespace distd::test;

task<> for_ever(executor ex, time_source* time) {
    distd::alarm_clock bell(ex, *time);
    co_await bell.wait();
}

task<> two_side_by_side(executor ex, time_source* time) {
    using namespace boost::asio::experimental::awaitable_operators;
    co_await (for_ever(ex, time) || for_ever(ex, time));
}

task<> fails() {
    throw std::runtime_error("broken");
    co_return;
}

struct fixture : loop_runner {
    fake_time time{loop};
    std::vector<std::string> failures;
    task_group group{loop.get_executor(), time};

    fixture() {
        group.on_failure([this](const std::string& name, const std::string& what) {
            failures.push_back(name + ": " + what);
        });
    }
    bool join(milliseconds span) {
        bool joined = false;
        run([&]() -> task<> { return joined_within(span, joined); });
        return joined;
    }
    task<> joined_within(milliseconds span, bool& joined) {
        joined = co_await group.join_until(time.now() + span);
    }
};

}  // namespace

TEST_CASE("a cancelled child task ends at its await and does not count as failed") {
    fixture f;
    f.group.spawn("one", [&] { return for_ever(f.loop.get_executor(), &f.time); });
    f.group.spawn("pair", [&] { return two_side_by_side(f.loop.get_executor(), &f.time); });
    f.time.advance(seconds(1));
    CHECK(f.group.names() == std::vector<std::string>{"one", "pair"});
    f.group.cancel();
    CHECK(f.join(seconds(1)));
    CHECK(f.failures.empty());
    CHECK(f.group.size() == 0);
}

TEST_CASE("an exception of a child task is reported with its name, and the others continue") {
    fixture f;
    f.group.spawn("bad", [] { return fails(); });
    f.group.spawn("good", [&] { return for_ever(f.loop.get_executor(), &f.time); });
    f.time.advance(seconds(1));
    CHECK(f.failures == std::vector<std::string>{"bad: broken"});
    CHECK(f.group.size() == 1);
    f.group.cancel();
    CHECK(f.join(seconds(1)));
}

TEST_CASE("a join does not wait beyond its deadline") {
    fixture f;
    f.group.spawn("stays", [&] { return for_ever(f.loop.get_executor(), &f.time); });
    bool done = false;
    bool joined = true;
    boost::asio::co_spawn(f.loop, f.group.join_until(f.time.now() + seconds(2)),
                          [&](std::exception_ptr, bool all) {
                              done = true;
                              joined = all;
                          });
    f.time.advance(seconds(1));
    CHECK_FALSE(done);
    f.time.advance(seconds(2));
    CHECK(done);
    CHECK_FALSE(joined);
    f.group.cancel();
    CHECK(f.join(seconds(1)));
}
