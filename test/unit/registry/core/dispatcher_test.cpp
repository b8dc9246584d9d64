#include <catch2/catch.hpp>
#include <set>

#include "unit/registry/core/dispatcher_scene.hpp"

using namespace distd;
using namespace std::chrono_literals;
using namespace distd::registry;

TEST_CASE("a newcomer is sent those it requires, and those that require it are sent the newcomer") {
    scene s;
    s.add("Log", "log");
    CHECK(s.deliver() == texts{"log " + nothing});
    s.add("Grading", "grading", {"Log"});
    CHECK(s.deliver() == texts{"grading " + log_added});
    s.add("Portal", "portal", {"Log", "Grading"});
    CHECK(s.deliver() == texts{R"(portal {"Added":[{"Name":"Grading","URL":"grading"},)"
                               R"({"Name":"Log","URL":"log"}],"Removed":[]})"});
    s.remove("log");
    CHECK(s.deliver() == texts{"grading " + log_removed, "portal " + log_removed});
}

TEST_CASE("a service that wants no patches gets none") {
    scene s;
    s.add("Log", "log", {}, false);
    s.add("Grading", "grading", {"Log"}, false);
    CHECK(s.deliver().empty());
    CHECK(s.patches.is_settled("grading"));
}

TEST_CASE("a second registration that changes nothing wakes nobody else") {
    scene s;
    s.add("Log", "log");
    s.add("Grading", "grading", {"Log"});
    s.deliver();
    s.add("Log", "log");
    CHECK(s.deliver() == texts{"log " + nothing});
}

TEST_CASE("a service that requires its own name is sent itself and its like") {
    scene s;
    s.add("Ring", "r1", {"Ring"});
    CHECK(s.deliver() == texts{R"(r1 {"Added":[{"Name":"Ring","URL":"r1"}],"Removed":[]})"});
    s.add("Ring", "r2", {"Ring"});
    CHECK(s.deliver().size() == 2);
}

TEST_CASE("a patch that did not arrive is tried again with growing pauses, for as long as it takes") {
    scene s;
    s.add("Log", "log", {}, false);
    s.add("Grading", "grading", {"Log"});
    std::vector<steady_point::duration> pauses;
    for (int i = 0; i < 10; ++i) {
        CHECK(s.deliver(how::refused).size() == 1);
        pauses.push_back(s.patches.next_due() - s.now);
        CHECK_FALSE(s.patches.take(s.patches.next_due() - 1ms));
        s.now = s.patches.next_due();
    }
    CHECK(pauses.front() == 50ms);
    CHECK(pauses.back() == 2500ms);
    CHECK(s.deliver() == texts{"grading " + log_added});
    CHECK(s.patches.is_settled("grading"));
    CHECK(s.patches.next_due() == steady_point::max());
}

TEST_CASE("a subscriber whose health came back is tried at once") {
    scene s;
    s.add("Grading", "grading", {"Log"});
    CHECK(s.deliver(how::refused).size() == 1);
    CHECK(s.deliver().empty());
    s.patches.hurry("grading");
    CHECK(s.deliver().size() == 1);
}

TEST_CASE("one that registers again is greeted at once, whatever failed and however many are suspects") {
    scene s({.under_way = 10, .suspects_under_way = 1});
    s.add("Log", "log", {}, false);
    s.add("Slow", "slow", {"Log"});
    s.add("Grading", "grading", {"Log"});
    for (int i = 0; i < 6; ++i) {
        CHECK(s.deliver(how::refused).size() == 2);
        s.now += 10s;
    }
    SECTION("in the pause before its next try") {
        CHECK(s.deliver(how::refused).size() == 2);
        s.add("Grading", "grading", {"Log"});
        CHECK(s.deliver() == texts{"grading " + log_added});
    }
    SECTION("while it waits for its turn behind another suspect") {
        const auto slow = s.patches.take(s.now);
        REQUIRE(slow);
        CHECK_FALSE(s.patches.take(s.now));
        const auto* other = slow->url == "slow" ? "grading" : "slow";
        s.add("Again", other, {"Log"});
        const auto next = s.patches.take(s.now);
        REQUIRE(next);
        CHECK(next->url == other);
        s.patches.finish(*next, how::arrived, s.now, 0);
        s.patches.finish(*slow, how::arrived, s.now, 0);
    }
    CHECK(s.patches.is_settled("grading"));
}

TEST_CASE(
    "a subscriber that leaves is tried no more, and its URL can come back while its last patch is under "
    "way") {
    scene s;
    s.add("Log", "log", {}, false);
    s.add("Grading", "grading", {"Log"});
    const auto open = s.patches.take(s.now);
    REQUIRE(open);
    s.remove("grading");
    s.add("Grading", "grading", {"Log"});
    CHECK_FALSE(s.patches.take(s.now));  // one at a time, even so
    s.patches.finish(*open, how::arrived, s.now, 0);
    CHECK(s.deliver() == texts{"grading " + log_removed, "grading " + log_added});

    s.remove("grading");
    s.add("Grading", "grading", {"Log"});
    CHECK(s.deliver(how::refused).size() == 1);
    s.remove("grading");
    CHECK(s.patches.next_due() == steady_point::max());
    CHECK(s.deliver().empty());
}

TEST_CASE("deliveries under way are bounded, and those that failed before take only their share") {
    scene s({.under_way = 10, .suspects_under_way = 3});
    for (int i = 0; i < 20; ++i) s.add("Slow", "slow" + std::to_string(i), {"Log"});
    CHECK(s.deliver(how::in_doubt).size() == 20);
    for (int i = 0; i < 20; ++i) s.add("Quick", "quick" + std::to_string(i), {"Log"});
    s.now += 1h;
    std::multiset<std::string> kinds;
    std::vector<dispatcher::delivery> open;
    while (auto d = s.patches.take(s.now)) {
        kinds.insert(d->url.substr(0, 4));
        open.push_back(*d);
    }
    CHECK(kinds.count("quic") == 10);
    for (const auto& d : open) s.patches.finish(d, how::arrived, s.now, 0);
    kinds.clear();
    open.clear();
    std::size_t quick_left = 10;
    while (auto d = s.patches.take(s.now)) {
        kinds.insert(d->url.substr(0, 4));
        if (d->url.starts_with("quick") && quick_left-- > 0) s.patches.finish(*d, how::arrived, s.now, 0);
    }
    CHECK(kinds.count("quic") == 10);
    CHECK(kinds.count("slow") == 3);
}

TEST_CASE("a fan-out serialises its patch once") {
    scene s;
    for (int i = 0; i < 100; ++i) s.add("Reader", "r" + std::to_string(i), {"Log"});
    s.deliver();
    s.add("Log", "log", {}, false);
    std::set<const std::string*> copies;
    std::size_t sent = 0;
    for (; auto d = s.patches.take(s.now); ++sent) copies.insert(d->text.get());
    CHECK(sent == 100);
    CHECK(copies.size() == 1);
}

TEST_CASE("who has been brought up to date is reported once, and not those who are behind again") {
    scene s;
    s.add("Grading", "grading", {"Log"});
    CHECK(s.patches.take_settled().empty());
    s.deliver();
    const auto settled = s.patches.take_settled();
    REQUIRE(settled.size() == 1);
    CHECK(settled.front().url == "grading");
    CHECK(settled.front().generation == 1);
    CHECK(s.patches.take_settled().empty());
    s.add("Log", "log", {}, false);
    s.deliver();
    s.remove("log");
    CHECK(s.patches.take_settled().empty());
    s.deliver();
    CHECK(s.patches.take_settled().size() == 1);
}
