#include "http/transport/ticket_keys.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using http::ticket_keys;

namespace {

const wall_point day{std::chrono::seconds(1'800'000'000)};

}  // namespace

TEST_CASE("ticket keys are renewed every twelve hours, and three of them are kept") {
    ticket_keys keys;
    CHECK(keys.newest() == nullptr);
    CHECK(keys.rotate(day));
    CHECK_FALSE(keys.rotate(day + ticket_keys::newest_for - seconds(1)));
    const auto first = keys.newest()->name;
    CHECK(keys.rotate(day + ticket_keys::newest_for));
    CHECK(keys.newest()->name != first);
    CHECK(keys.find(first) != nullptr);
    CHECK(keys.rotate(day + 2 * ticket_keys::newest_for));
    CHECK(keys.find(first) != nullptr);
    CHECK(keys.rotate(day + 3 * ticket_keys::newest_for));
    CHECK(keys.find(first) == nullptr);
}

TEST_CASE("a key of a time to come is replaced at once") {
    ticket_keys keys;
    keys.rotate(day + std::chrono::hours(1000));
    CHECK(keys.rotate(day));
    CHECK_FALSE(keys.rotate(day + seconds(1)));
}

TEST_CASE("ticket keys come back from their text, and from no other") {
    ticket_keys keys;
    keys.rotate(day);
    keys.rotate(day + ticket_keys::newest_for);
    const auto text = keys.text();
    const auto again = ticket_keys::of_text(text);
    REQUIRE(again);
    CHECK(again->text() == text);
    CHECK(again->newest()->name == keys.newest()->name);
    CHECK(again->newest()->seal == keys.newest()->seal);
    CHECK(ticket_keys::of_text("")->newest() == nullptr);
    CHECK_FALSE(ticket_keys::of_text(text.substr(0, text.size() - 2)));
    CHECK_FALSE(ticket_keys::of_text("hello\n"));
    CHECK_FALSE(ticket_keys::of_text(text + text));
}
