// What processes on one store share beside it.
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <optional>

#include "role/grading/store_turn.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::grading;

TEST_CASE("a commit that one announces is counted for all") {
    test::temp_dir dir;
    store_turn a(dir / "s");
    store_turn b(dir / "s");
    const auto before = b.commits();
    a.announce_commit();
    CHECK(b.commits() == before + 1);
    store_turn later(dir / "s");
    CHECK(later.commits() == b.commits());
}

TEST_CASE("one at a time has the turn, and it is given back however its holder leaves") {
    test::temp_dir dir;
    store_turn a(dir / "s");
    auto b = std::make_unique<store_turn>(dir / "s");
    std::optional<held_turn> held(std::in_place, &a);
    auto taken = std::async(std::launch::async, [&] { b->take(); });
    CHECK(taken.wait_for(std::chrono::seconds(0)) != std::future_status::ready);
    held.reset();
    taken.get();
    b.reset();  // its holder is gone
    a.take();
    a.leave();
}
