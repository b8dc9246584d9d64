// What a change of one instance is to those who look: nothing, a change in lists, or a change of what is
// offered.
#include "role/registry/core/catalog.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>

using namespace distd;
using namespace distd::registry;
using seen = catalog::change_seen;

namespace {

registration named(const std::string& name) { return {name, "u", {"B"}, "u/services", "u/hb"}; }

registration heavy() {
    registration_extras e;
    e.weight = 3;
    auto r = named("A");
    r.extras = std::make_shared<const registration_extras>(e);
    return r;
}

}  // namespace

TEST_CASE("a second registration that says the same is no change for anybody") {
    catalog c;
    c.put(named("A"), 1);
    const auto again = c.put(named("A"), 2);
    CHECK(again.was_known);
    CHECK(again.is_same);
    CHECK_FALSE(again.is_newly_offered);
    CHECK(again.now->generation == 2);
    CHECK(again.now->revision == 1);
    CHECK(again.now->modified == 1);
}

TEST_CASE("a second registration with other extras is a change in lists, and of nothing that is offered") {
    catalog c;
    c.put(named("A"), 1);
    const auto again = c.put(heavy(), 2);
    CHECK_FALSE(again.is_same);
    CHECK_FALSE(again.is_newly_offered);
    CHECK(again.now->revision == 1);
    CHECK(again.now->modified == 2);
}

TEST_CASE("a registration of an instance that was lost offers it again") {
    catalog c;
    c.put(named("A"), 1);
    CHECK(c.heal("u", 1, false, 2) == seen::offered);
    CHECK(c.heal("u", 1, false, 3) == seen::none);
    const auto again = c.put(named("A"), 4);
    CHECK_FALSE(again.is_same);
    CHECK(again.is_newly_offered);
    CHECK(again.now->revision == 4);
}

TEST_CASE("a drained instance is not offered, whatever its health and however often it registers") {
    catalog c;
    c.put(named("A"), 1);
    CHECK(c.drain("u", {1700, "disk"}, 2) == seen::offered);
    CHECK_FALSE(c.find("u")->offered);
    CHECK(c.drain("u", {1800, "disk"}, 3) == seen::none);
    CHECK(c.heal("u", 1, false, 4) == seen::listed);
    const auto again = c.put(named("A"), 5);
    CHECK_FALSE(again.is_newly_offered);
    CHECK_FALSE(again.now->offered);
    CHECK(again.now->revision == 2);
    const auto renamed = c.put(named("Other"), 6);
    CHECK_FALSE(renamed.is_newly_offered);
    CHECK(renamed.no_longer_offered.empty());
    CHECK(c.drain("u", {1900, "disk and fan"}, 7) == seen::listed);
    CHECK(c.find("u")->drain.since_ms == 1700);
    CHECK(c.drain("u", {}, 8) == seen::offered);
    CHECK(c.find("u")->offered);
    CHECK(c.find("u")->revision == 8);
}

TEST_CASE("the end of a drain does not offer what is lost") {
    catalog c;
    c.put(named("A"), 1);
    c.drain("u", {1700, ""}, 2);
    c.heal("u", 1, false, 3);
    CHECK(c.drain("u", {}, 4) == seen::listed);
    CHECK_FALSE(c.find("u")->offered);
    CHECK(c.heal("u", 1, true, 5) == seen::offered);
}

TEST_CASE("a drain ends with the registration") {
    catalog c;
    c.put(named("A"), 1);
    c.drain("u", {1700, ""}, 2);
    c.remove("u");
    CHECK(c.put(named("A"), 4).now->offered);
    CHECK(c.drain("nobody", {1, ""}, 5) == seen::none);
}

TEST_CASE("the list of all is in the order of URLs, whoever came and went between two looks") {
    catalog c;
    std::set<std::string> expected;
    std::mt19937 draw(7);
    std::uint64_t revision = 0;
    for (int look = 0; look < 60; ++look) {
        // Now and then so many go that the list is put right before anybody looks.
        const bool max_go = look % 10 == 9;
        for (auto changes = draw() % (max_go ? 2000 : 200); changes > 0; --changes) {
            auto r = named("A");
            r.url = "http://instance-" + std::to_string(draw() % 300);
            if (draw() % (max_go ? 8 : 2) == 0) {
                expected.insert(r.url);
                c.put(std::move(r), ++revision);
            } else {
                CHECK((c.remove(r.url) != nullptr) == (expected.erase(r.url) > 0));
            }
        }
        std::vector<std::string> listed;
        for (const auto* i : c.all()) listed.push_back(i->that.url);
        CHECK(listed == std::vector(expected.begin(), expected.end()));
        CHECK(c.size() == expected.size());
    }
}
