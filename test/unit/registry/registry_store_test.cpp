// What a registry finds when it opens its store again.
#include "role/registry/registry_store.hpp"

#include <catch2/catch.hpp>

#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::registry;

namespace {

const registration full{
    "Log Service", "localhost:4000", {"A \"b\"", "C"}, "http://localhost:4000/services", "http://x/hb"};

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

TEST_CASE("a withdrawn entry is kept until every subscriber has been told of it") {
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
