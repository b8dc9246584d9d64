// What a registry finds when it opens its store again.
#include "role/registry/registry_store.hpp"

#include <catch2/catch.hpp>

#include "role/registry/core/former_histories.hpp"
#include "store/sqlite/sqlite.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::registry;

namespace {

const registration full{
    "Log Service", "localhost:4000", {"A \"b\"", "C"}, "http://localhost:4000/services", "http://x/hb"};

registration with_extras() {
    registration_extras e;
    e.tags = {"b", "a"};
    e.meta = {{"Rack", "7"}};
    e.ttl = seconds(10);
    auto r = full;
    r.extras = std::make_shared<const registration_extras>(std::move(e));
    return r;
}

// The tables as the first release made them.
const sqlite::migrations first_schema{
    R"(CREATE TABLE instances (
         url TEXT PRIMARY KEY,
         name TEXT NOT NULL,
         required TEXT NOT NULL,       -- a JSON list of names
         update_url TEXT NOT NULL,
         heartbeat_url TEXT NOT NULL,
         offered INTEGER NOT NULL,
         generation INTEGER NOT NULL,
         revision INTEGER NOT NULL,
         settled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
       CREATE TABLE withdrawn (
         name TEXT NOT NULL,
         url TEXT NOT NULL,
         revision INTEGER NOT NULL,
         PRIMARY KEY (name, url)) STRICT, WITHOUT ROWID;
       CREATE INDEX withdrawn_by_revision ON withdrawn (revision);
       CREATE TABLE registry (
         id TEXT NOT NULL,
         revision INTEGER NOT NULL) STRICT)"};

kept_state reopened(const test::temp_dir& dir) { return registry_store(dir / "registry.db").load(); }

}  // namespace

TEST_CASE("a registration is found again exactly as it was sent") {
    test::temp_dir dir;
    registry_store(dir / "registry.db").apply(put_change{full, 7});
    const auto state = reopened(dir);
    REQUIRE(state.instances.size() == 1);
    const auto& i = state.instances.front();
    CHECK(i.that == full);
    CHECK(i.offered);
    CHECK(i.generation == 7);
    CHECK(i.revision == 7);
    CHECK(i.settled == 0);
    CHECK(state.revision == 7);
}

TEST_CASE("the data has a name that stays, and other data has another") {
    test::temp_dir dir;
    test::temp_dir other;
    const auto id = reopened(dir).id;
    CHECK(id.size() == 16);
    CHECK(reopened(dir).id == id);
    CHECK(reopened(other).id != id);
}

TEST_CASE("a second registration replaces the first, and subscribers see a change only where there is one") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    store.apply(put_change{full, 1});
    store.apply(settled_change{full.url, 1, 5});
    store.apply(put_change{full, 2});
    auto i = store.load().instances.at(0);
    CHECK(i.generation == 2);
    CHECK(i.revision == 1);
    CHECK(i.settled == 0);

    store.apply(offer_change{full.url, 2, false, 3});
    store.apply(put_change{full, 4});
    i = store.load().instances.at(0);
    CHECK(i.offered);
    CHECK(i.revision == 4);

    auto renamed = full;
    renamed.name = "Other";
    store.apply(put_change{renamed, 6});
    const auto state = store.load();
    CHECK(state.instances.at(0).revision == 6);
    REQUIRE(state.withdrawn.size() == 1);
    CHECK(state.withdrawn[0].entry == patch_entry{full.name, full.url});
    store.apply(put_change{full, 8});
    CHECK(store.load().withdrawn.at(0).entry.name == "Other");
}

TEST_CASE("verdicts and marks for an earlier registration change nothing") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    store.apply(put_change{full, 1});
    store.apply(put_change{full, 2});
    store.apply(offer_change{full.url, 1, false, 3});
    store.apply(remove_change{full.url, 1, 4});
    store.apply(settled_change{full.url, 1, 5});
    const auto state = store.load();
    REQUIRE(state.instances.size() == 1);
    CHECK(state.instances[0].offered);
    CHECK(state.instances[0].settled == 0);
    CHECK(state.withdrawn.empty());
    CHECK(state.revision == 4);
}

TEST_CASE("a withdrawn entry is kept until every subscriber has received the patch") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    auto reader = full;
    reader.url = "reader";
    store.apply(put_change{reader, 1});
    store.apply(put_change{full, 2});
    store.apply(remove_change{full.url, 0, 3});
    store.apply(tidy_change{});
    CHECK(store.load().withdrawn.size() == 1);
    store.apply(settled_change{"reader", 1, 3});
    store.apply(tidy_change{});
    CHECK(store.load().withdrawn.empty());
    CHECK(store.load().revision == 3);
}

TEST_CASE("what a registration says beyond the base protocol is found again") {
    test::temp_dir dir;
    registry_store(dir / "registry.db").apply(put_change{with_extras(), 7});
    const auto i = reopened(dir).instances.at(0);
    CHECK(i.that == with_extras());
    CHECK(i.modified == 7);
}

TEST_CASE("a store of the first release is taken over with all that it holds") {
    test::temp_dir dir;
    {
        sqlite::database old(dir / "registry.db", first_schema);
        old.execute("INSERT INTO registry (id, revision) VALUES ('0123456789abcdef', 9)");
        old.execute("INSERT INTO instances VALUES ('u1', 'A', '[\"B\"]', 'u1/s', 'u1/hb', 0, 4, 6, 3)");
        old.execute("INSERT INTO withdrawn VALUES ('A', 'u2', 5)");
    }
    const auto state = reopened(dir);
    CHECK(state.id == "0123456789abcdef");
    CHECK(state.revision == 9);
    REQUIRE(state.instances.size() == 1);
    const auto& i = state.instances[0];
    CHECK(i.that == registration{"A", "u1", {"B"}, "u1/s", "u1/hb"});
    CHECK_FALSE(i.offered);
    CHECK(i.generation == 4);
    CHECK(i.revision == 6);
    CHECK(i.modified == 6);
    CHECK(i.settled == 3);
    CHECK_FALSE(i.drain.holds());
    CHECK(state.withdrawn.size() == 1);
}

TEST_CASE("readers of lists see a change where anything but the generation has changed") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    store.apply(put_change{full, 1});
    store.apply(put_change{full, 2});
    CHECK(store.load().instances.at(0).modified == 1);
    store.apply(put_change{with_extras(), 3});
    CHECK(store.load().instances.at(0).modified == 3);
    CHECK(store.load().instances.at(0).revision == 1);  // subscribers see names and URLs
    store.apply(offer_change{full.url, 3, false, 4});
    CHECK(store.load().instances.at(0).modified == 4);
    store.apply(put_change{with_extras(), 5});
    CHECK(store.load().instances.at(0).modified == 5);
}

TEST_CASE("a drain is found again, outlives a second registration, and ends with its end") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    store.apply(put_change{full, 1});
    store.apply(drain_change{full.url, {1700, "disk swap"}, 2});
    store.apply(drain_change{full.url, {1800, "disk swap, longer"}, 3});
    store.apply(put_change{full, 4});
    store.apply(offer_change{full.url, 4, false, 5});
    auto i = store.load().instances.at(0);
    CHECK(i.drain.since_ms == 1700);
    CHECK(i.drain.reason == "disk swap, longer");
    CHECK(i.revision == 2);  // not offered since then, whatever else happened
    CHECK(i.modified == 5);
    CHECK_FALSE(i.offered);
    store.apply(offer_change{full.url, 4, true, 6});
    CHECK(store.load().instances.at(0).revision == 2);
    store.apply(drain_change{full.url, {}, 7});
    i = store.load().instances.at(0);
    CHECK_FALSE(i.drain.holds());
    CHECK(i.drain.reason.empty());
    CHECK(i.revision == 7);
    store.apply(drain_change{full.url, {}, 8});
    CHECK(store.load().instances.at(0).modified == 7);
    store.apply(drain_change{full.url, {1, ""}, 9});
    store.apply(remove_change{full.url, 0, 10});
    store.apply(put_change{full, 11});
    CHECK_FALSE(store.load().instances.at(0).drain.holds());
}

TEST_CASE("a batch is applied in its order and keeps the latest revision") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    const std::vector<change> changes{put_change{full, 1}, remove_change{full.url, 0, 2}, put_change{full, 3},
                                      settled_change{full.url, 3, 3}};
    std::vector<const change*> batch;
    for (const auto& c : changes) batch.push_back(&c);
    store.apply(batch);
    const auto state = store.load();
    CHECK(state.revision == 3);
    CHECK(state.instances.at(0).settled == 3);
    CHECK(state.withdrawn.empty());
}

TEST_CASE("a name keeps the index of the change that took an instance from it, until it is forgotten") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    auto other = full;
    other.url = "other";
    store.apply(put_change{full, 1});
    store.apply(put_change{other, 2});
    store.apply(remove_change{other.url, 0, 3});
    auto renamed = full;
    renamed.name = "Renamed";
    store.apply(put_change{renamed, 4});
    auto state = store.load();
    REQUIRE(state.names.size() == 1);
    CHECK(state.names[0].name == full.name);
    CHECK(state.names[0].index == 4);
    CHECK(state.names_floor == 1);
    store.apply(tidy_change{3});
    CHECK(store.load().names.size() == 1);
    store.apply(tidy_change{4});
    state = store.load();
    CHECK(state.names.empty());
    CHECK(state.names_floor == 4);
    store.apply(tidy_change{2});
    CHECK(store.load().names_floor == 4);
}

TEST_CASE("events are kept with the change they are about, and no more than the newest are found again") {
    test::temp_dir dir;
    {
        registry_store store(dir / "registry.db");
        store.apply(put_change{full, 1, 1700});
        store.apply(put_change{full, 2, 1701});
        store.apply(offer_change{full.url, 2, false, 3, "answered 503", 1702});
        store.apply(offer_change{full.url, 1, false, 4, "of an earlier life", 1703});
        store.apply(drain_change{full.url, {1704, "disk swap"}, 5, 1704});
        store.apply(guard_change{true, "most fail", 6, 1705});
        store.apply(remove_change{full.url, 2, 7, "timed out", 1706});
    }
    using enum event_type;
    const auto about = [](std::uint64_t index, std::int64_t at, event_type type, std::string reason) {
        return event{index, at, type, full.name, full.url, std::move(reason)};
    };
    const std::vector<event> expected{about(1, 1700, registered, ""), about(3, 1702, lost, "answered 503"),
                                      about(5, 1704, drained, "disk swap"),
                                      event{6, 1705, guard_on, "", "", "most fail"},
                                      about(7, 1706, gone, "timed out")};
    CHECK(reopened(dir).events == expected);

    registry_store store(dir / "registry.db");
    store.database().begin();
    for (std::uint64_t i = 0; i < 2 * timeline::max_events; ++i)
        store.apply(guard_change{i % 2 == 0, "", 10 + i, 0});
    store.database().commit();
    const auto events = store.load().events;
    CHECK(events.size() == timeline::max_events);
    CHECK(events.back().index == 10 + 2 * timeline::max_events - 1);
    auto rows = store.database().query("SELECT count(*) FROM events");
    REQUIRE(rows.next());
    CHECK(rows.integer(0) <= static_cast<std::int64_t>(timeline::max_events * 3 / 2));
}

TEST_CASE("who made a registration is found again, and replaced with it") {
    test::temp_dir dir;
    registrant by{"10.0.0.1", "h1"};
    by.has_confirmed_owner = true;
    by.is_vouched_for = false;
    registry_store store(dir / "registry.db");
    store.apply(put_change{full, 1, 0, by});
    CHECK(store.load().instances.at(0).by == by);
    const registrant other{"10.0.0.2"};
    store.apply(put_change{full, 2, 0, other});
    CHECK(store.load().instances.at(0).by == other);
    CHECK(store.load().instances.at(0).modified == 2);  // readers see that nobody confirms it any more
    store.apply(put_change{full, 3, 0, registrant{"10.0.0.3"}});
    CHECK(store.load().instances.at(0).modified == 2);
}

TEST_CASE("readers see a change where a URL comes to be the registrant's own, or is no longer") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    registrant by{"10.0.0.1"};
    by.is_vouched_for = false;
    store.apply(put_change{full, 1, 0, by});
    by.has_confirmed_owner = true;
    store.apply(put_change{full, 2, 0, by});
    CHECK(store.load().instances.at(0).modified == 2);
    CHECK(store.load().instances.at(0).revision == 1);
}

TEST_CASE(
    "events are found again with who asked for them, and those of the configuration with their versions") {
    test::temp_dir dir;
    {
        registry_store store(dir / "registry.db");
        store.apply(put_change{full, 1, 5, {}, "Ada"});
        store.apply(configuration_change{event_type::config_restored, "k", 3, 2, "Bob", "version 1", 2, 6});
        remove_change forgotten{full.url, 0, 3, "moved", 7, "Eve"};
        forgotten.is_forgotten = true;
        store.apply(forgotten);
    }
    const auto events = reopened(dir).events;
    REQUIRE(events.size() == 3);
    CHECK(events[0] == event{1, 5, event_type::registered, full.name, full.url, "", "Ada"});
    CHECK(events[1] == event{2, 6, event_type::config_restored, "k", "", "version 1", "Bob", 3, 2});
    CHECK(events[2] == event{3, 7, event_type::forgotten, full.name, full.url, "moved", "Eve"});
}

TEST_CASE("who is forgotten may hold what it was sent; who left by itself holds nothing") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    store.apply(put_change{full, 1});
    remove_change forgotten{full.url, 0, 2};
    forgotten.is_forgotten = true;
    store.apply(forgotten);
    REQUIRE(store.load().former.size() == 1);
    CHECK(store.load().former.front().url == full.url);
    store.apply(put_change{full, 3});
    store.apply(remove_change{full.url, 0, 4});
    CHECK(store.load().former.empty());
}

TEST_CASE("since when an instance is registered as it is is found again") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    const auto kept = [&] { return store.load().instances.front().registered_at_ms; };
    store.apply(put_change{full, 1, 1000});
    CHECK(kept() == 1000);
    store.apply(put_change{full, 2, 2000});  // says what is known
    CHECK(kept() == 1000);
    store.apply(offer_change{full.url, 2, false, 3, "lost"});
    store.apply(put_change{full, 4, 4000});
    CHECK(kept() == 4000);
    store.apply(put_change{with_extras(), 5, 5000});
    CHECK(kept() == 5000);
}

TEST_CASE("histories of health are found again, with the clock that they go by") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    store.apply(put_change{full, 1});
    kept_health some;
    some.histories = {{full.url, {health_state::lost, 9, std::string("\0\1", 2)}},
                      {"gone", {health_state::well, 7, ""}}};
    store.apply(health_change{std::make_shared<const kept_health>(some)});
    CHECK(store.load().health.clock.now == 0);
    kept_health rest;
    rest.clock = {12, "ran"};
    store.apply(health_change{std::make_shared<const kept_health>(rest)});
    const auto all = store.load().health;
    REQUIRE(all.histories.size() == 2);
    CHECK(all.histories[0].url == "gone");
    CHECK(all.histories[1].that.state == health_state::lost);
    CHECK(all.histories[1].that.changed == 9);
    CHECK(all.histories[1].that.buckets == std::string("\0\1", 2));
    CHECK(all.clock.now == 12);
    CHECK(all.clock.buckets == "ran");
    remove_change forgotten{full.url, 0, 2};
    forgotten.is_forgotten = true;
    store.apply(forgotten);
    CHECK(store.load().health.histories.size() == 1);
}

TEST_CASE("of histories of instances that have left the latest are kept") {
    test::temp_dir dir;
    registry_store store(dir / "registry.db");
    kept_health all;
    for (wall_minute n = 1; n <= former_histories::max_kept + 3; ++n)
        all.histories.push_back({"u" + std::to_string(n), {health_state::well, n, ""}});
    all.clock = {9000, "ran"};
    store.apply(health_change{std::make_shared<const kept_health>(all)});
    const auto kept = store.load().health.histories;
    REQUIRE(kept.size() == former_histories::max_kept);
    CHECK(kept.front().url == "u4");
}
