// What being taken out of rotation means for an instance's health: it is watched on, and not gone.
#include <catch2/catch.hpp>

#include "role/registry/core/health.hpp"

using namespace distd;
using namespace std::chrono_literals;
using registry::condition;
using registry::health_engine;
using verdict = health_engine::verdict;

namespace {

const std::string url = "http://a:1";

struct course {
    explicit course(milliseconds ttl = 0ms) {
        registration_extras extras;
        if (ttl > 0ms) extras.ttl = ttl;
        self = {"A", url, {}, "", url + "/h", std::make_shared<const registration_extras>(extras)};
        engine.watch(self, 1, condition::unproven, now, 0);
    }
    // No probe is answered, and no report comes.
    std::vector<verdict> fail_for(milliseconds span) {
        std::vector<verdict> heard;
        const auto end = now + span;
        for (;;) {
            const auto due = engine.next_due();
            if (due > end) break;
            now = std::max(now, due);
            while (auto p = engine.take(now)) heard.push_back(engine.finish(*p, "it is off", now));
            for (const auto& j : engine.review(now)) heard.push_back(j.what);
        }
        now = end;
        std::erase(heard, verdict::none);
        return heard;
    }

    registration self;
    health_engine engine{{}};
    steady_point now = steady_point{} + 1h;
};

using verdicts = std::vector<verdict>;

}  // namespace

TEST_CASE("an instance that is kept is lost and tried on, and never gone") {
    const auto ttl = GENERATE(0ms, 2000ms);
    course c(ttl);
    c.engine.keep(url, true, c.now);
    CHECK(c.fail_for(24h) == verdicts{verdict::lost});
    CHECK(c.engine.look_up(url)->now == condition::lost);
}

TEST_CASE("the time to go starts when an instance is kept no more") {
    const auto ttl = GENERATE(0ms, 2000ms);
    course c(ttl);
    c.engine.keep(url, true, c.now);
    c.fail_for(10min);
    c.engine.keep(url, false, c.now);
    CHECK(c.fail_for(59s).empty());
    CHECK(c.fail_for(2s) == verdicts{verdict::gone});
}

TEST_CASE("an instance that is lost already can be kept") {
    const auto ttl = GENERATE(0ms, 2000ms);
    course c(ttl);
    CHECK(c.fail_for(30s) == verdicts{verdict::lost});
    c.engine.keep(url, true, c.now);
    CHECK(c.fail_for(1h).empty());
}

TEST_CASE("an instance that is kept no more while its probe is under way is probed once at a time") {
    course c;
    c.engine.keep(url, true, c.now);
    c.fail_for(30s);
    c.now = c.engine.next_due();
    const auto p = c.engine.take(c.now);
    REQUIRE(p);
    c.engine.keep(url, false, c.now);
    CHECK_FALSE(c.engine.take(c.now + 10s));
    CHECK(c.engine.finish(*p, "", c.now) == verdict::back);
}

TEST_CASE("instances that are kept and lost count for no mass failure, nor against its end") {
    health_engine engine{{}};
    auto now = steady_point{} + 1h;
    const auto place = [](int n) { return "http://a:" + std::to_string(n); };
    registration_extras extras;
    extras.ttl = 10s;
    const auto more = std::make_shared<const registration_extras>(extras);
    for (int n = 0; n < 30; ++n)
        engine.watch({"A", place(n), {}, "", "", more}, 1, condition::unproven, now, 0);
    const auto fail = [&](int from, int to) {
        for (int n = from; n < to; ++n) static_cast<void>(engine.hear(place(n), "off", now));
        static_cast<void>(engine.review(now));
    };
    for (int n = 0; n < 18; ++n) engine.keep(place(n), true, now);
    fail(0, 18);
    CHECK(engine.lost() == 18);
    CHECK_FALSE(engine.guard().is_on());
    fail(18, 25);  // seven of the other twelve
    CHECK(engine.guard().is_on());
    for (int n = 18; n < 25; ++n) static_cast<void>(engine.hear(place(n), "", now));
    static_cast<void>(engine.review(now));
    CHECK_FALSE(engine.guard().is_on());
}
