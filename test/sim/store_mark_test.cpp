// The registry's mark, over the ends of processes and power cuts.
#include "store/sqlite/store_mark.hpp"

#include <catch2/catch.hpp>

#include "sim/page_disk.hpp"

using namespace distd;

namespace {

constexpr auto path = "/data/registry.mark";

// Writes the ceiling and dies before the sync, at some call; or lives.
void raise_and_die(sim::page_disk& disk, std::uint64_t calls, std::uint64_t ceiling) {
    try {
        store_mark m(path, disk);
        m.open(1);
        disk.calls_until_death = calls;
        m.raise(ceiling);
    } catch (const store_error&) {
        // It died on its way.
    }
    disk.kill();
    disk.start();
}

}  // namespace

TEST_CASE("a ceiling that a start has read is still there after a power cut") {
    int found = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        sim::page_disk disk(seed);
        REQUIRE(disk.make_directories("/data"));
        raise_and_die(disk, seed % 3, 100);
        std::uint64_t built_upon = 0;
        {
            store_mark m(path, disk);
            m.open(1);
            built_upon = m.ceiling();
        }
        found += built_upon == 100 ? 1 : 0;
        disk.crash();
        disk.start();
        CHECK(store_mark(path, disk).ceiling() == built_upon);
    }
    CHECK(found > 0);
}

TEST_CASE("a mark whose name could not be made durable is made anew by the next process") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        sim::page_disk disk(seed);
        REQUIRE(disk.make_directories("/data"));
        disk.odds.sync_fails = 2;
        try {
            store_mark(path, disk).open(1);
        } catch (const store_error&) {
            // The disk did not take the bytes or the name.
        }
        disk.odds = {};
        disk.begin_process();
        {
            store_mark m(path, disk);
            m.open(1);
            m.raise(100);
        }
        disk.crash();
        disk.start();
        CHECK(store_mark(path, disk).ceiling() == 100);
    }
}
