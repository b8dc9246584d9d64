// What a person at the registry's terminal reads of events.
#include "role/registry/state_changes.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::registry;
using mood = state_change::mood;

namespace {

event book(std::uint64_t index, std::int64_t at_ms, event_type type, std::string reason = {},
           std::string actor = {}) {
    return {index, at_ms, type, "BookService", "http://127.0.0.1:8010", std::move(reason), std::move(actor)};
}

std::string words(const event& e) { return to_state_change(e, {}).text; }

}  // namespace

TEST_CASE("events are shown on a terminal in words, with who did it and why") {
    const auto lost = to_state_change(book(1, 1000, event_type::lost, "connection refused"), {});
    CHECK(lost.now == mood::lost);
    CHECK(lost.time == wall_point(seconds(1)));
    CHECK(lost.subject == "BookService");
    CHECK(lost.url == "http://127.0.0.1:8010");
    CHECK(lost.text == "lost: connection refused");

    const auto drained = to_state_change(book(2, 0, event_type::drained, "disk swap", "ops"), {});
    CHECK(drained.now == mood::held);
    CHECK(drained.text == "drained by ops: disk swap");
    CHECK(words(book(2, 0, event_type::undrained, "", "ops")) == "back in rotation by ops");
    CHECK(words(book(2, 0, event_type::registered, "", "127.0.0.1")) == "registered");
    CHECK(words(book(2, 0, event_type::replaced, "was Books")) == "registered anew, was Books");
    CHECK(words(book(2, 0, event_type::forgotten, "", "ops")) == "forgotten by ops");
    CHECK(words(book(2, 0, event_type::deregistered)) == "left");
}

TEST_CASE("a return says how long its own last loss has lasted") {
    timeline all;
    all.add(book(1, 1'000, event_type::lost));
    all.add(book(2, 3'000, event_type::back));
    all.add(book(3, 10'000, event_type::lost));
    auto other = book(4, 20'000, event_type::lost);
    other.url = "http://127.0.0.1:8011";
    all.add(other);
    const auto back = book(5, 25'000, event_type::back);
    all.add(back);
    CHECK(to_state_change(back, all).now == mood::well);
    CHECK(to_state_change(back, all).text == "back after 15 s");
    CHECK(words(back) == "back");
}

TEST_CASE("changes of the configuration are shown on a terminal with key and version") {
    const event put{9, 0, event_type::config_put, "cart/limits", "", "", "ops", 8, 7};
    CHECK(to_state_change(put, {}).subject == "config cart/limits");
    CHECK(words(put) == "changed by ops, v8");
    const event explained{9, 0, event_type::config_put, "cart/limits", "", "more carts", "ops", 8, 7};
    CHECK(words(explained) == "changed by ops, v8: more carts");
    const event gone{9, 0, event_type::config_deleted, "cart/limits", "", "", "ops", 9, 8};
    CHECK(words(gone) == "deleted by ops");
    const event guard{9, 0, event_type::guard_on, "", "", "6 of 8 fail"};
    CHECK(to_state_change(guard, {}).subject == "registry");
    CHECK(words(guard) == "guard against mass failures on: 6 of 8 fail");
}
