// Who is looked up next, and that names in a slow zone leave threads for all others.
#include "http/client/lookup_schedule.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <vector>

using namespace distd;
using namespace distd::http;

namespace {

struct scene {
    void add(const std::string& name) {
        schedule.add(name, now);
        REQUIRE(schedule.take_refused().empty());
    }
    std::vector<std::string> take() {
        std::vector<std::string> taken;
        while (auto name = schedule.take(now)) taken.push_back(*std::move(name));
        return taken;
    }
    void done(const std::string& name) { schedule.done(name, now); }
    // It is asked for and answered at once.
    void answer_quickly(const std::string& name) {
        add(name);
        REQUIRE(take() == std::vector{name});
        done(name);
    }
    void pass(milliseconds span) { now += span; }

    lookup_schedule::limits max;
    lookup_schedule schedule{max};
    steady_point now{seconds(1000)};
};

std::string nth(const std::string& name, int i, const std::string& zone) {
    return name + std::to_string(i) + zone;
}

}  // namespace

TEST_CASE_METHOD(scene, "names are looked up in their order, and never more than the threads there are") {
    for (int i = 0; i < 20; ++i) answer_quickly(nth("web", i, ".good"));
    for (int i = 0; i < 20; ++i) add(nth("web", i, ".good"));
    const auto first = take();
    CHECK(first.size() == max.max_running);
    CHECK(first.front() == "web0.good");
    done("web0.good");
    CHECK(take() == std::vector<std::string>{"web8.good"});
}

TEST_CASE_METHOD(scene, "names in a slow zone do not keep quick ones from their threads") {
    for (int i = 0; i < 5; ++i) answer_quickly(nth("web", i, ".good"));
    for (int i = 0; i < 30; ++i) add(nth("x", i, ".slow"));
    std::size_t stuck = take().size();
    for (int second = 0; second < 60; ++second) {
        pass(seconds(1));
        stuck += take().size();
        CHECK(stuck <= max.max_running - max.kept_for_quick);
        for (int i = 0; i < 5; ++i) answer_quickly(nth("web", i, ".good"));
    }
}

TEST_CASE_METHOD(scene,
                 "a name that nobody knows waits for a slow zone no longer than until it counts as slow") {
    for (int i = 0; i < 30; ++i) add(nth("x", i, ".slow"));
    const auto stuck = take();
    CHECK(stuck.size() == max.max_new);
    add("new.good");
    CHECK(take().empty());
    CHECK(schedule.next_change() == now + max.slow_after);
    pass(max.slow_after);
    const auto next = take();
    CHECK(std::set(next.begin(), next.end()).contains("new.good"));
}

TEST_CASE_METHOD(scene, "names of a slow zone get their small share, and the zone is tried anew in time") {
    add("x0.slow");
    REQUIRE(take().size() == 1);
    pass(max.slow_after);
    done("x0.slow");
    for (int i = 1; i < 9; ++i) add(nth("x", i, ".slow"));
    CHECK(take().size() == max.max_slow);
    pass(milliseconds(10));
    done("x1.slow");
    CHECK(take().size() == 1);  // answered soon, which says nothing of the others
    pass(max.slow_for);
    add("x20.slow");
    CHECK(schedule.waiting() == 6);
}

TEST_CASE_METHOD(scene, "a quick name that has become slow is one of the slow ones") {
    answer_quickly("web0.good");
    add("web0.good");
    REQUIRE(take().size() == 1);
    pass(seconds(5));
    done("web0.good");
    add("web0.good");
    add("x.other");
    CHECK(take() == std::vector<std::string>{"x.other", "web0.good"});
}

TEST_CASE_METHOD(scene, "names that wait have a bound: one of those zones that have the most is refused") {
    max.max_waiting = 3;
    schedule = lookup_schedule(max);
    for (int i = 0; i < 3; ++i) add(nth("a", i, ".b.c"));
    schedule.add("one.more", now);
    CHECK(schedule.take_refused() == std::vector<std::string>{"a2.b.c"});
    CHECK(take() == std::vector<std::string>{"a0.b.c", "one.more", "a1.b.c"});
}

TEST_CASE_METHOD(scene, "however many new and slow names wait, a quick one is looked up at once") {
    answer_quickly("web.good");
    for (int i = 0; i < 20'000; ++i) schedule.add(nth("x", i, ".z" + std::to_string(i) + ".evil"), now);
    CHECK(schedule.take_refused().size() == 20'000 - max.max_waiting);
    CHECK(schedule.waiting() == max.max_waiting);
    CHECK(take().size() == max.max_new);
    answer_quickly("web.good");
}

TEST_CASE_METHOD(scene, "a new name waits for no other zone's thousands, below the same last part or not") {
    for (int i = 0; i < 1000; ++i) add(nth("x", i, ".slow.example"));
    add("web.good.example");
    add("web.good");
    const auto first = take();
    CHECK(std::set(first.begin(), first.end()).contains("web.good"));
    CHECK(std::set(first.begin(), first.end()).contains("web.good.example"));
}
