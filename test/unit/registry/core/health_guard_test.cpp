// When most of many instances fail at once nobody is taken out, for a bounded time.
#include <catch2/catch.hpp>
#include <string>

#include "unit/registry/core/health_course.hpp"

namespace {

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;

// So many instances, all well; then some of them fail.
struct crowd : course {
    explicit crowd(int size, health_engine::rules r = {}) : course(r), size(size) {
        for (int i = 0; i < size; ++i)
            engine.watch(probed(name(i)), 1, condition::unproven, now, static_cast<std::uint64_t>(i) * 37);
        run_for(6s);
        CHECK(transitions.empty());
    }
    static std::string name(int i) { return "s" + std::to_string(i); }
    void fail(int first, int last, const std::string& how = "nobody answers") {
        for (int i = first; i < last; ++i) answers[name(i)] = how;
    }
    int size;
};

}  // namespace

TEST_CASE("when most instances fail at once all stay in rotation, lost as they are", "[guard]") {
    crowd c(20);
    c.fail(0, 20);
    c.run_for(6s);
    CHECK(c.engine.guard().is_on());
    CHECK(c.engine.lost() == 20);
    CHECK(c.out.empty());
    CHECK(c.engine.find("s3")->is_guarded);
    CHECK(c.engine.find("s3")->reason == "nobody answers");
    CHECK_THAT(c.engine.guard().reason(), Catch::Contains("of 20 watched instances"));
    c.fail(0, 20, "");
    c.run_for(6s);
    CHECK_FALSE(c.engine.guard().is_on());
    CHECK(c.engine.lost() == 0);
    CHECK(c.out.empty());
}

TEST_CASE("the guard ends as soon as fewer than a third fail, and these are then taken out", "[guard]") {
    crowd c(20);
    c.fail(0, 20);
    c.run_for(6s);
    REQUIRE(c.engine.guard().is_on());
    c.fail(5, 20, "");
    c.run_for(6s);
    CHECK_FALSE(c.engine.guard().is_on());
    CHECK(c.out.size() == 5);
    CHECK(c.engine.lost() == 5);
}

TEST_CASE("when most are well again nobody is taken out who is well at the next probe", "[guard]") {
    crowd c(20);
    c.fail(0, 20);
    c.run_for(6s);
    REQUIRE(c.engine.guard().is_on());
    c.fail(0, 20, "");
    const auto before = c.transitions.size();
    c.run_for(6s);
    CHECK_FALSE(c.engine.guard().is_on());
    for (auto i = before; i < c.transitions.size(); ++i) CHECK(c.transitions[i].second != transition::lost);
    CHECK(c.engine.lost() == 0);
}

TEST_CASE("the guard holds for a bounded time only, and comes on once for the same losses", "[guard]") {
    health_engine::rules r;
    r.guard.max_duration = 30s;
    r.deregister_after = 20s;
    crowd c(20, r);
    c.fail(0, 20);
    c.run_for(30s);
    CHECK(c.engine.watched() == 20);  // their time to vanish does not run
    CHECK(c.out.empty());
    c.run_for(8s);
    CHECK(c.out.size() == 20);
    CHECK_FALSE(c.engine.guard().is_on());
    CHECK(c.engine.watched() == 20);
    c.run_for(20s);
    CHECK(c.engine.watched() == 0);
}

TEST_CASE("losses after the guard's time go through, until most have been well again", "[guard]") {
    health_engine::rules r;
    r.guard.max_duration = 10s;
    r.deregister_after = 1h;
    crowd c(20, r);
    c.fail(0, 14);
    c.run_for(30s);
    CHECK(c.out.size() == 14);
    c.fail(14, 20);
    c.run_for(6s);
    CHECK(c.out.size() == 20);
    c.fail(0, 20, "");
    c.run_for(6s);
    CHECK(c.out.empty());
    c.fail(0, 20);
    c.run_for(6s);
    CHECK(c.engine.guard().is_on());
    CHECK(c.out.empty());
}

TEST_CASE("the losses of a small system are real", "[guard]") {
    crowd c(9);
    c.fail(0, 9);
    c.run_for(6s);
    CHECK_FALSE(c.engine.guard().is_on());
    CHECK(c.out.size() == 9);
}

TEST_CASE("half of the instances, or many over a longer time, are no mass failure", "[guard]") {
    crowd half(20);
    half.fail(0, 10);
    half.run_for(6s);
    CHECK(half.out.size() == 10);
    crowd slow(20);
    for (int i = 0; i < 20; ++i) {
        slow.fail(i, i + 1);
        slow.run_for(3s);
        CHECK_FALSE(slow.engine.guard().is_on());
    }
}

TEST_CASE("a guard of no length is never on", "[guard]") {
    health_engine::rules r;
    r.guard.max_duration = 0ms;
    crowd c(20, r);
    c.fail(0, 20);
    c.run_for(6s);
    CHECK(c.out.size() == 20);
}

TEST_CASE("instances that reported count for the guard as well", "[guard]") {
    course c;
    for (int i = 0; i < 12; ++i) {
        const auto url = "r" + std::to_string(i);
        c.engine.watch(reporting(url, 5s), 1, condition::unproven, c.now, 0);
        c.hear(url);
    }
    c.run_for(5s);
    CHECK(c.engine.guard().is_on());
    CHECK(c.engine.lost() == 12);
    CHECK(c.out.empty());
    for (int i = 0; i < 12; ++i) c.hear("r" + std::to_string(i));
    CHECK(c.engine.review(c.now).empty());
    CHECK_FALSE(c.engine.guard().is_on());
}
