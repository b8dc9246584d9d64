// Who is signed in.
#include "role/console/access/sessions.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace distd;
using namespace distd::ops;
using namespace distd::ops::console;

TEST_CASE("a session is known by its id until it was not used for too long") {
    sessions s;
    const steady_point start{};
    const auto id = s.begin("ana", start);
    CHECK(id.size() == 64);
    REQUIRE(s.name_of(id, start + sessions::session_age));
    CHECK(*s.name_of(id, start + 2 * sessions::session_age) == "ana");  // that was a use
    CHECK_FALSE(s.name_of(id, start + 4 * sessions::session_age));
    CHECK_FALSE(s.name_of("", start));
}

TEST_CASE("of too many sessions the one that was used longest ago is dropped") {
    sessions s;
    const auto first = s.begin("a", steady_point(seconds(1)));
    const auto second = s.begin("b", steady_point(seconds(2)));
    CHECK(s.name_of(first, steady_point(seconds(3))));
    for (std::size_t i = 2; i <= sessions::max_sessions; ++i)
        static_cast<void>(s.begin("c", steady_point(seconds(4))));
    CHECK(s.name_of(first, steady_point(seconds(5))));
    CHECK_FALSE(s.name_of(second, steady_point(seconds(5))));
}

TEST_CASE("a link signs in once, and not for long") {
    sessions s;
    const steady_point start{};
    const auto link = s.make_link("ana", seconds(60), start);
    CHECK(s.take_link(link, start + seconds(60)) == "ana");
    CHECK_FALSE(s.take_link(link, start + seconds(60)));
    CHECK_FALSE(s.take_link("", start));
    const auto late = s.make_link("", seconds(60), start);
    CHECK_FALSE(s.take_link(late, start + seconds(61)));
}

TEST_CASE("of too many links the one that ends first is dropped") {
    sessions s;
    const steady_point now{};
    const auto of_start = s.make_link("", sessions::start_link_age, now);
    const auto first = s.make_link("", sessions::asked_link_age, now);
    for (std::size_t i = 1; i < sessions::max_links; ++i)
        static_cast<void>(s.make_link("", sessions::asked_link_age, now + seconds(1)));
    CHECK_FALSE(s.take_link(first, now + seconds(1)));
    CHECK(s.take_link(of_start, now + seconds(1)));
}
