// What sqlite.hpp promises of disks that fail: whatever was answered rests on the disk, also when a sync
// failed before, a process was killed and the power went.
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "store/sqlite/sqlite.hpp"
#include "support/frail_disk.hpp"
#include "support/full_disk.hpp"
#include "support/read_only_disk.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using test::frail_disk;

namespace {

const sqlite::migrations notes{"CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"};

void write_note(sqlite::database& db) {
    db.begin();
    db.execute("INSERT INTO notes (text) VALUES (?)", std::string(6000, 'n'));
    db.commit();
}

void write_notes(sqlite::database& db, int count) {
    for (int i = 0; i < count; ++i) write_note(db);
}

std::optional<errc> failure_of_a_write(sqlite::database& db) {
    try {
        write_note(db);
    } catch (const store_error& e) {
        db.rollback();
        return e.code();
    }
    return std::nullopt;
}

std::int64_t count(sqlite::database& db) {
    auto rows = db.query("SELECT count(*) FROM notes");
    REQUIRE(rows.next());
    return rows.integer(0);
}

bool is_sound(sqlite::database& db) {
    auto rows = db.query("PRAGMA integrity_check");
    return rows.next() && rows.text(0) == "ok";
}

struct scene {
    frail_disk disk;
    test::temp_dir dir;
    std::filesystem::path file = dir / "notes.db";
};

}  // namespace

TEST_CASE("a commit whose sync failed is rolled back for good, also after a kill") {
    scene s;
    sqlite::database db(s.file, notes);
    write_notes(db, 3);
    s.disk.fail_syncs("-wal", 1);
    CHECK(failure_of_a_write(db) == errc::storage_failed);
    CHECK(count(db) == 3);
    s.disk.copy_as_left_by_a_kill(s.file, s.dir / "killed.db");
    sqlite::database next(s.dir / "killed.db", notes);
    CHECK(count(next) == 3);
    write_note(db);
    CHECK(count(db) == 4);
}

TEST_CASE(
    "a commit that could not be taken back is of unknown outcome, and nothing is written before it is") {
    scene s;
    sqlite::database db(s.file, notes);
    write_notes(db, 3);
    s.disk.fail_syncs("-wal", 3);
    CHECK(failure_of_a_write(db) == errc::outcome_unknown);
    CHECK(failure_of_a_write(db) == errc::storage_failed);
    CHECK(count(db) == 3);
    write_note(db);
    CHECK(count(db) == 4);
    s.disk.copy_as_left_by_a_power_cut(s.file, s.dir / "cut.db");
    sqlite::database cut(s.dir / "cut.db", notes);
    CHECK(count(cut) == 4);
    CHECK(is_sound(cut));
}

TEST_CASE("after a write that the disk refused nothing is stored, and that is known") {
    test::read_only_disk::watch_sqlite();
    test::temp_dir dir;
    sqlite::database db(dir / "notes.db", notes);
    write_notes(db, 3);
    {
        const test::read_only_disk now;
        CHECK(failure_of_a_write(db) == errc::storage_failed);
    }
    {
        const test::full_disk now;
        CHECK(failure_of_a_write(db) == errc::storage_full);
    }
    write_note(db);
    CHECK(count(db) == 4);
}

TEST_CASE("what a crashed process left unsynced is on the disk before anything of it is read") {
    scene s;
    std::optional<sqlite::database> db(std::in_place, s.file, notes);
    write_notes(*db, 3);
    s.disk.fail_syncs("-wal", 2);
    REQUIRE(failure_of_a_write(*db) == errc::outcome_unknown);
    s.disk.copy_as_left_by_a_kill(s.file, s.dir / "killed.db");
    sqlite::database next(s.dir / "killed.db", notes);
    const auto seen = count(next);
    CHECK(seen >= 3);
    s.disk.copy_as_left_by_a_power_cut(s.dir / "killed.db", s.dir / "cut.db");
    sqlite::database cut(s.dir / "cut.db", notes);
    CHECK(count(cut) == seen);
}

TEST_CASE("after a failed sync, a kill and a power cut all commits of the second process are found") {
    scene s;
    std::optional<sqlite::database> db(std::in_place, s.file, notes);
    write_notes(*db, 3);
    s.disk.fail_syncs("-wal", 2);
    REQUIRE(failure_of_a_write(*db).has_value());
    s.disk.copy_as_left_by_a_kill(s.file, s.dir / "killed.db");
    sqlite::database next(s.dir / "killed.db", notes);
    const auto seen = count(next);
    write_notes(next, 50);
    s.disk.copy_as_left_by_a_power_cut(s.dir / "killed.db", s.dir / "cut.db");
    sqlite::database cut(s.dir / "cut.db", notes);
    CHECK(count(cut) == seen + 50);
    CHECK(is_sound(cut));
}

TEST_CASE("a store does not start on a log that cannot be synced, and leaves it as it is") {
    scene s;
    {
        sqlite::database db(s.file, notes);
        write_notes(db, 3);
        s.disk.copy_as_left_by_a_kill(s.file, s.dir / "killed.db");
    }
    s.disk.fail_syncs("killed.db-wal", 1);
    CHECK_THROWS_AS(sqlite::database(s.dir / "killed.db", notes), store_error);
    sqlite::database next(s.dir / "killed.db", notes);
    CHECK(count(next) == 3);
}

TEST_CASE("pages that a failed sync of the main file lost are copied again before the log starts over") {
    scene s;
    sqlite::database db(s.file, notes);
    sqlite::database reader(s.file, notes, sqlite::soundness::known);
    db.copy_log_after(10);
    write_notes(db, 4);
    {
        auto held = reader.query("SELECT id FROM notes");  // holds up the copying behind what it sees
        REQUIRE(held.next());
        write_notes(db, 4);
    }
    s.disk.fail_syncs("notes.db", 1);
    write_note(db);
    CHECK_FALSE(db.take_warning().empty());
    write_notes(db, 20);
    CHECK(db.take_warning().empty());
    s.disk.copy_as_left_by_a_power_cut(s.file, s.dir / "cut.db");
    sqlite::database cut(s.dir / "cut.db", notes);
    CHECK(count(cut) == 29);
    CHECK(is_sound(cut));
}

TEST_CASE("a log that cannot be checkpointed grows up to a limit, and accepts writes again after one") {
    scene s;
    sqlite::database db(s.file, notes);
    db.copy_log_after(10);
    s.disk.fail_syncs("notes.db", 1000);
    int written = 0;
    while (!failure_of_a_write(db)) ++written;
    CHECK(written > 10);
    CHECK(written < 100);
    s.disk.fail_syncs("notes.db", 0);
    write_note(db);
    CHECK(count(db) == written + 1);
    s.disk.copy_as_left_by_a_power_cut(s.file, s.dir / "cut.db");
    sqlite::database cut(s.dir / "cut.db", notes);
    CHECK(count(cut) == written + 1);
}

TEST_CASE("a store can be opened while another process writes, without loss") {
    scene s;
    sqlite::database db(s.file, notes);
    for (int i = 1; i <= 20; ++i) {
        write_notes(db, 3);
        sqlite::database other(s.file, notes);
        write_note(other);
        CHECK(count(db) == 4 * i);
    }
    s.disk.copy_as_left_by_a_power_cut(s.file, s.dir / "cut.db");
    sqlite::database cut(s.dir / "cut.db", notes);
    CHECK(count(cut) == 80);
    CHECK(is_sound(cut));
}

TEST_CASE("a page that cannot be read is an error that names the file, not data") {
    scene s;
    {
        sqlite::database db(s.file, notes);
        write_notes(db, 500);
    }
    sqlite::database db(s.file, notes, sqlite::soundness::known);
    s.disk.fail_reads("notes.db", 1);
    try {
        auto rows = db.query("SELECT text FROM notes");
        while (rows.next()) {}
        FAIL("it was read");
    } catch (const store_error& e) {
        CHECK(e.code() == errc::storage_failed);
        CHECK_THAT(e.what(), Catch::Contains(s.file.string()));
    }
    CHECK(count(db) == 500);
}
