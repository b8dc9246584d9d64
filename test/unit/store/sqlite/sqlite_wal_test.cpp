// What sqlite_wal.hpp promises: room in the log that was written before, and nothing but room.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "store/sqlite/sqlite.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
namespace fs = std::filesystem;

namespace {

const sqlite::migrations notes{"CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"};

fs::path log_of(const fs::path& file) { return file.string() + "-wal"; }

void write_notes(sqlite::database& db, int commits, std::size_t bytes = 20'000) {
    for (int i = 0; i < commits; ++i) {
        db.begin();
        db.execute("INSERT INTO notes (text) VALUES (?)", std::string(bytes, 'n'));
        db.commit();
    }
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

}  // namespace

TEST_CASE("the write-ahead log of a busy store is preallocated") {
    test::temp_dir dir;
    sqlite::database db(dir / "notes.db", notes);
    write_notes(db, 20);
    const auto size = fs::file_size(log_of(db.file()));
    CHECK(size > 1'000'000);
    write_notes(db, 5);
    CHECK(fs::file_size(log_of(db.file())) == size);
}

TEST_CASE("the write-ahead log of an idle store stays small") {
    test::temp_dir dir;
    sqlite::database db(dir / "notes.db", notes);
    write_notes(db, 3, 100);
    CHECK(fs::file_size(log_of(db.file())) < 128 << 10);
}

TEST_CASE("the log starts over when it was copied, so that its size is bounded") {
    test::temp_dir dir;
    sqlite::database db(dir / "notes.db", notes);
    db.copy_log_after(200);
    write_notes(db, 300);
    CHECK(fs::file_size(log_of(db.file())) < 200 * 4120 + (1 << 20));
    CHECK(fs::file_size(db.file()) > 200 * 20'000);
    CHECK(count(db) == 300);
}

TEST_CASE("a log that one large commit made long is truncated when it starts over") {
    test::temp_dir dir;
    sqlite::database db(dir / "notes.db", notes);
    db.copy_log_after(50);
    write_notes(db, 1, 8'000'000);
    CHECK(fs::file_size(log_of(db.file())) > 8'000'000);
    write_notes(db, 2, 100);
    CHECK(fs::file_size(log_of(db.file())) < 1'000'000);
    CHECK(count(db) == 3);
    CHECK(is_sound(db));
}

TEST_CASE("a store finds its commits after a kill, and ignores preallocated space") {
    test::temp_dir dir;
    sqlite::database db(dir / "notes.db", notes);
    db.copy_log_after(200);
    for (int commits = 1; commits <= 120; ++commits) {
        write_notes(db, 1);
        if (commits % 12 != 0) continue;
        fs::copy_file(db.file(), dir / "copy.db", fs::copy_options::overwrite_existing);
        fs::copy_file(log_of(db.file()), dir / "copy.db-wal", fs::copy_options::overwrite_existing);
        sqlite::database copy(dir / "copy.db", notes);
        CHECK(count(copy) == commits);
        CHECK(is_sound(copy));
    }
}

TEST_CASE("connections of two processes may preallocate in one log") {
    test::temp_dir dir;
    sqlite::database one(dir / "notes.db", notes);
    sqlite::database other(dir / "notes.db", notes);
    for (int i = 0; i < 100; ++i) write_notes(i % 3 == 0 ? other : one, 1 + i % 4);
    CHECK(count(one) == 250);
    CHECK(count(other) == 250);
    CHECK(is_sound(other));
}
