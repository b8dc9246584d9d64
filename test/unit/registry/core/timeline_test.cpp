#include "role/registry/core/timeline.hpp"

#include <catch2/catch.hpp>

using namespace distd::registry;

namespace {

event one(std::uint64_t index, std::string name = "A", event_type type = event_type::lost) {
    return {index, 1'700'000'000'250 + static_cast<std::int64_t>(index), type, std::move(name), "u", "why"};
}

std::vector<std::uint64_t> indexes(const std::vector<const event*>& events) {
    std::vector<std::uint64_t> all;
    for (const auto* e : events) all.push_back(e->index);
    return all;
}

using list = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("events are read from a place on or from the end, the oldest first") {
    timeline t;
    CHECK(t.index() == 1);
    for (std::uint64_t i = 2; i <= 6; ++i) t.add(one(i));
    CHECK(t.index() == 6);
    CHECK(indexes(t.after(3, 2, {})) == list{4, 5});
    CHECK(indexes(t.after(0, 100, {})) == list{2, 3, 4, 5, 6});
    CHECK(indexes(t.after(6, 100, {})).empty());
    CHECK(indexes(t.newest(2, {})) == list{5, 6});
}

TEST_CASE("events are filtered by name and type") {
    timeline t;
    t.add(one(2, "A", event_type::registered));
    t.add(one(3, "B", event_type::registered));
    t.add(one(4, "A", event_type::lost));
    CHECK(indexes(t.after(0, 100, {"A", std::nullopt})) == list{2, 4});
    CHECK(indexes(t.after(0, 100, {"", event_type::registered})) == list{2, 3});
    CHECK(indexes(t.newest(1, {"A", event_type::registered})) == list{2});
}

TEST_CASE("the timeline is bounded, and knows up to where it has forgotten") {
    timeline t;
    for (std::uint64_t i = 1; i <= timeline::max_events; ++i) t.add(one(i));
    CHECK(t.forgotten() == 0);
    t.add(one(timeline::max_events + 1));
    CHECK(t.all().size() == timeline::max_events);
    CHECK(t.forgotten() == 1);

    timeline restored;
    restored.restore({t.all().begin(), t.all().end()});
    CHECK(restored.forgotten() == 1);
    CHECK(restored.index() == t.index());
    timeline young;
    young.restore({one(7)});
    CHECK(young.forgotten() == 0);
}

TEST_CASE("an event in JSON names what happened to whom, when and why") {
    const auto e = one(7, "Log \"1\"", event_type::guard_on);
    CHECK(event_as_json(e) == R"({"Index":7,"Time":"2023-11-14T22:13:20.257Z","Type":"guard_on",)"
                              R"("Name":"Log \"1\"","URL":"u","Reason":"why"})");
    CHECK(events_as_json({}) == "[]");
    CHECK(events_as_json({&e, &e}) == "[" + event_as_json(e) + ",\n" + event_as_json(e) + "]");
}

TEST_CASE("every type of event has a name that is read again") {
    for (std::size_t i = 0; i < event_types; ++i)
        CHECK(to_event_type(to_string(static_cast<event_type>(i))) == static_cast<event_type>(i));
    CHECK_FALSE(to_event_type("eaten"));
}

TEST_CASE("an event of the configuration has a key and versions, and is of no name") {
    event e{7, 1'700'000'000'250, event_type::config_put, "cart/limits", "", "", "Ada", 3, 2};
    CHECK(event_as_json(e) == R"({"Index":7,"Time":"2023-11-14T22:13:20.250Z","Type":"config_put",)"
                              R"("Key":"cart/limits","Version":3,"Was":2,"Reason":"","Actor":"Ada"})");
    e.was = 0;
    e.actor.clear();
    CHECK(event_as_json(e).find("Was") == std::string::npos);
    CHECK(event_as_json(e).find("Actor") == std::string::npos);
    CHECK_FALSE(event_filter{"cart/limits", std::nullopt}.matches(e));
    CHECK(event_filter{"", event_type::config_put}.matches(e));
    CHECK(to_event_type("forgotten") == event_type::forgotten);
}
