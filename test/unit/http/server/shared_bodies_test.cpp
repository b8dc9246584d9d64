#include "http/server/shared_bodies.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

using namespace distd::http;
using verdict = source_shares::verdict;

TEST_CASE("a body that many clients leave unread counts once, until the last has it") {
    source_shares memory({3000, 1500, 1500});
    shared_bodies bodies(memory);
    const auto list = std::make_shared<const std::string>(1000, 'l');
    {
        shared_bodies::hold first;
        shared_bodies::hold second;
        CHECK(bodies.take(list, "192.0.2.1", first) == verdict::granted);
        CHECK(bodies.take(list, "192.0.2.2", second) == verdict::granted);
        CHECK(memory.taken() == list->capacity());
        first.release();
        CHECK(memory.taken() == list->capacity());
        CHECK(bodies.counts(list));
    }
    CHECK(memory.taken() == 0);
    CHECK_FALSE(bodies.counts(list));
}

TEST_CASE("a source cannot hold more different bodies than its share") {
    source_shares memory({3000, 1500, 1500});
    shared_bodies bodies(memory);
    const auto old_list = std::make_shared<const std::string>(1000, 'o');
    const auto new_list = std::make_shared<const std::string>(1000, 'n');
    shared_bodies::hold first;
    shared_bodies::hold second;
    CHECK(bodies.take(old_list, "192.0.2.1", first) == verdict::granted);
    CHECK(bodies.take(new_list, "192.0.2.1", second) == verdict::share_taken);
    CHECK(bodies.take(new_list, "192.0.2.2", second) == verdict::granted);
}
