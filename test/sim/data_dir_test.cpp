#include "sdk/data_dir.hpp"

#include <catch2/catch.hpp>

#include "sim/page_disk.hpp"

using namespace distd;

namespace {

// That the next process has a folder of which no power cut takes what is synced in it.
void check_keeps_a_file(sim::page_disk& disk) {
    const data_dir next(disk, "/data/role");
    const auto file = disk.open("/data/role/file", disk::mode::create_new);
    REQUIRE((*file)->append("text"));
    REQUIRE((*file)->sync());
    REQUIRE(disk.sync_directory("/data/role"));
    disk.crash();
    disk.start();
    CHECK(disk.exists("/data/role/file"));
}

}  // namespace

TEST_CASE("a data folder is taken on a full disk, too") {
    sim::page_disk disk(1);
    {
        const data_dir before(disk, "/data/role");
        CHECK_THROWS_WITH(data_dir(disk, "/data/role"), Catch::Contains("in use by process"));
    }
    disk.full = true;
    const data_dir now(disk, "/data/role");
    CHECK_THROWS_WITH(data_dir(disk, "/data/role"), Catch::Contains("in use by process"));
}

TEST_CASE("a folder whose maker died before its name was durable is durable for whoever uses it next") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        sim::page_disk disk(seed);
        disk.calls_until_death = seed % 12;
        try {
            const data_dir cut(disk, "/data/role");
        } catch (const std::exception&) {
            // It died on its way.
        }
        disk.kill();
        disk.start();
        check_keeps_a_file(disk);
    }
}

TEST_CASE("a folder is not synced again after a failure until the process starts again") {
    sim::page_disk disk(1);
    REQUIRE(disk.make_directories("/data/role"));
    REQUIRE(disk.open("/data/role/file", disk::mode::create_new));
    disk.odds.sync_fails = 1;
    CHECK(!disk.sync_directory("/data/role"));
    disk.odds = {};
    CHECK(!disk.sync_directory("/data/role"));
    CHECK(!disk.sync_directory("/data/./role"));
    CHECK(disk.has_lost_names("/data/role"));
    CHECK(disk.sync_directory("/data"));
    disk.begin_process();
    CHECK(disk.sync_directory("/data/role"));
}

TEST_CASE("a folder whose name could not be made durable is made anew by the next process") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        sim::page_disk disk(seed);
        disk.odds.sync_fails = 2;
        try {
            const data_dir refused(disk, "/data/role");
        } catch (const std::exception&) {
            // The disk did not take one of the names.
        }
        disk.odds = {};
        disk.begin_process();
        check_keeps_a_file(disk);
    }
}

TEST_CASE("a lock that the disk does not give is no other process") {
    sim::page_disk disk(1);
    { const data_dir before(disk, "/data/role"); }
    const auto calls_before = disk.calls();
    { const data_dir counted(disk, "/data/role"); }
    const auto calls = disk.calls() - calls_before;
    for (std::uint64_t i = 0; i < calls; ++i) {
        disk.start();
        disk.calls_until_death = i;
        try {
            const data_dir cut(disk, "/data/role");
        } catch (const std::exception& e) {
            CHECK_THAT(e.what(), !Catch::Contains("in use"));
        }
    }
}
