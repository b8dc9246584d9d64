// What processes on one store share beside it.
#include <catch2/catch.hpp>
#include <cerrno>
#include <future>
#include <memory>
#include <optional>

#include "role/grading/store_turn.hpp"
#include "support/forwarding_disk.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::grading;

namespace {

// Names and sizes can be had, but no room.
class crowded_disk final : public test::forwarding_disk {
public:
    crowded_disk() : forwarding_disk(real_disk()) {}

private:
    class crowded_file final : public forwarding_file {
    public:
        using forwarding_file::forwarding_file;
        result<> allocate(std::uint64_t) override {
            return boost::system::error_code(ENOSPC, boost::system::generic_category());
        }
    };
    std::unique_ptr<file> wrapped(const path&, std::unique_ptr<file> that) override {
        return std::make_unique<crowded_file>(std::move(that));
    }
};

}  // namespace

TEST_CASE("processes do not share what the disk has no room for") {
    test::temp_dir dir;
    crowded_disk crowded;
    CHECK_THROWS_WITH(store_turn(dir / "s", crowded), Catch::Contains("s-turn: cannot get room for") &&
                                                          Catch::Contains("No space left on device"));
    store_turn later(dir / "s");
    later.announce_commit();
    CHECK(later.commits() == 1);
}

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
