// A subscriber that was given up may still be there, and hold what it was told: when it registers again.
#include <catch2/catch.hpp>

#include "unit/registry/core/dispatcher_scene.hpp"

using namespace distd::registry;

namespace {

// A provider that is there all the time, and subscribers to it.
struct readers : scene {
    readers() { add("Log", "log", {}, false); }

    void join(const std::string& url) { add("User", url, {"Log"}); }
};

}  // namespace

TEST_CASE("one that was given up and registers again is cleared, then sent all") {
    readers s;
    s.join("user");
    CHECK(s.deliver() == texts{"user " + log_added});
    s.remove("user", departure::given_up);
    CHECK(s.patches.unsettled() == 0);
    s.join("user");
    CHECK(s.deliver() == texts{"user " + log_removed, "user " + log_added});
}

TEST_CASE("one that took itself off is a newcomer when it registers again") {
    readers s;
    s.join("user");
    s.deliver();
    s.remove("user");
    s.join("user");
    CHECK(s.deliver() == texts{"user " + log_added});
}

TEST_CASE("one that was given up before it took anything is a newcomer when it registers again") {
    readers s;
    s.join("user");
    CHECK(s.deliver(how::refused) == texts{"user " + log_added});
    s.remove("user", departure::given_up);
    s.join("user");
    CHECK(s.deliver() == texts{"user " + log_added});
}

TEST_CASE("one that was given up while its patch was under way may hold it") {
    readers s;
    s.join("user");
    const auto patch = s.patches.take(s.now);
    REQUIRE(patch);
    s.remove("user", departure::given_up);
    s.patches.finish(*patch, how::in_doubt, s.now, 0);
    s.join("user");
    CHECK(s.deliver() == texts{"user " + log_removed, "user " + log_added});
}

TEST_CASE("of very many that were given up the oldest are forgotten") {
    readers s;
    const auto name = [](std::size_t n) { return "user" + std::to_string(n); };
    for (std::size_t n = 0; n <= dispatcher::max_vanished; ++n) {
        s.join(name(n));
        s.deliver();
        s.remove(name(n), departure::given_up);
    }
    s.join(name(0));
    CHECK(s.deliver() == texts{"user0 " + log_added});
    s.join(name(1));
    CHECK(s.deliver() == texts{"user1 " + log_removed, "user1 " + log_added});
}
