// What an instance may ask for itself: its own interval and timeout, misses, successes and time to vanish.
#include <catch2/catch.hpp>

#include "unit/registry/core/health_course.hpp"

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;

TEST_CASE("an instance's own interval, timeout and time to vanish hold for it alone") {
    course c;
    registration_extras e;
    e.heartbeat_interval = 1s;
    e.heartbeat_timeout = 300ms;
    e.deregister_after = 2s;
    c.watch("own", e);
    c.answers["own"] = "nobody answers";
    const auto p = c.engine.take(c.now + 400ms);
    REQUIRE(p);
    CHECK(p->timeout() == 300ms);
    CHECK(c.engine.finish(*p, "", c.now + 400ms) == transition::none);
    c.run_for(20s);
    CHECK(c.probe_times() == course::times{1333, 2333, 3333});
    CHECK(c.transitions == course::events{{1333, transition::lost}, {3333, transition::gone}});
    c.watch("usual");
    c.now += 2s;
    CHECK(c.engine.take(c.now)->timeout() == health_engine::rules().timeout);
}

TEST_CASE("an instance that wants never to vanish stays, however long it is lost") {
    course c;
    registration_extras e;
    e.deregister_after = 0ms;
    c.watch("a", e);
    c.answers["a"] = "nobody answers";
    c.run_for(24h);
    CHECK(c.transitions == course::events{{1000, transition::lost}});
    CHECK(c.engine.watched() == 1);
}

TEST_CASE("as many misses in a row as it says, an interval apart, lose an instance") {
    course c;
    registration_extras e;
    e.failures_before_lost = 3;
    c.watch("a", e);
    c.answers["a"] = "answered 503";
    c.run_for(6s);
    CHECK(c.transitions.empty());
    CHECK(c.engine.find("a")->reason == "answered 503");
    c.answers["a"] = "";
    c.run_for(2s);
    CHECK(c.engine.find("a")->reason.empty());
    c.answers["a"] = "answered 503";
    c.run_for(9s);
    CHECK(c.transitions == course::events{{16000, transition::lost}});
    CHECK(c.probe_times() == course::times{1000, 4000, 7000, 10000, 13000, 16000, 17000});
}

TEST_CASE("as many successes in a row as it says bring an instance back") {
    course c;
    registration_extras e;
    e.successes_before_back = 2;
    c.watch("a", e);
    c.answers["a"] = "answered 503";
    c.run_for(1s);
    c.answers["a"] = "";
    c.run_for(2s);
    c.answers["a"] = "answered 503";
    c.run_for(3s);
    c.answers["a"] = "";
    c.run_for(6s);
    CHECK(c.transitions.front() == std::pair<milliseconds::rep, transition>{1000, transition::lost});
    REQUIRE(c.transitions.size() == 2);
    CHECK(c.transitions.back().second == transition::back);
    CHECK(c.engine.lost() == 0);
}
