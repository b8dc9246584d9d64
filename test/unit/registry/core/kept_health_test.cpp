// What being taken out of rotation means for an instance's health: it is watched on, and not gone.
#include <catch2/catch.hpp>

#include "unit/registry/core/health_course.hpp"

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;

namespace {

const std::string url = "http://a:1";
using heard = std::vector<transition>;

// One instance that is off: no probe of it is answered, and no report comes.
struct switched_off : course {
    explicit switched_off(milliseconds ttl = 0ms) {
        answers[url] = "it is off";
        engine.watch(ttl > 0ms ? reporting(url, ttl) : probed(url), 1, condition::unproven, now, 0);
    }
    heard over(milliseconds span) {
        transitions.clear();
        run_for(span);
        heard all;
        for (const auto& [at, what] : transitions) all.push_back(what);
        return all;
    }
};

}  // namespace

TEST_CASE("an instance that is kept is lost and tried on, and never gone") {
    const auto ttl = GENERATE(0ms, 2000ms);
    switched_off c(ttl);
    c.engine.keep(url, true, c.now);
    CHECK(c.over(24h) == heard{transition::lost});
    CHECK(c.engine.find(url)->now == condition::lost);
}

TEST_CASE("the time to go starts when an instance is kept no more") {
    const auto ttl = GENERATE(0ms, 2000ms);
    switched_off c(ttl);
    c.engine.keep(url, true, c.now);
    c.over(10min);
    c.engine.keep(url, false, c.now);
    CHECK(c.over(59s).empty());
    CHECK(c.over(2s) == heard{transition::gone});
}

TEST_CASE("an instance that is lost already can be kept") {
    const auto ttl = GENERATE(0ms, 2000ms);
    switched_off c(ttl);
    CHECK(c.over(30s) == heard{transition::lost});
    c.engine.keep(url, true, c.now);
    CHECK(c.over(1h).empty());
}

TEST_CASE("an instance that is kept no more while its probe is under way is probed once at a time") {
    switched_off c;
    c.engine.keep(url, true, c.now);
    c.over(30s);
    c.now = c.engine.next_due();
    const auto p = c.engine.take(c.now);
    REQUIRE(p);
    c.engine.keep(url, false, c.now);
    CHECK_FALSE(c.engine.take(c.now + 10s));
    CHECK(c.engine.finish(*p, "", c.now) == transition::back);
}

TEST_CASE("instances that are kept and lost count for no mass failure, nor against its end") {
    course c;
    auto& engine = c.engine;
    const auto place = [](int n) { return "http://a:" + std::to_string(n); };
    for (int n = 0; n < 30; ++n) engine.watch(reporting(place(n), 10s), 1, condition::unproven, c.now, 0);
    const auto report = [&](int from, int to, const std::string& failure) {
        for (int n = from; n < to; ++n) c.hear(place(n), failure);
        static_cast<void>(engine.review(c.now));
    };
    for (int n = 0; n < 18; ++n) engine.keep(place(n), true, c.now);
    report(0, 18, "off");
    CHECK(engine.lost() == 18);
    CHECK_FALSE(engine.guard().is_on());
    report(18, 25, "off");  // seven of the other twelve
    CHECK(engine.guard().is_on());
    report(18, 25, "");
    CHECK_FALSE(engine.guard().is_on());
}
