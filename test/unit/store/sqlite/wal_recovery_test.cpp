// A write-ahead log that a killed process left: what a crash tore is cut, and what a disk changed by itself
// is named, whatever byte it was.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/wal_recovery.hpp"
#include "support/files.hpp"
#include "support/frail_disk.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using Catch::Contains;
using distd::test::text_of;
using distd::test::write_file;

namespace {

constexpr std::size_t log_head_bytes = 32;
constexpr std::size_t frame_bytes = 24 + 4096;

const sqlite::migrations notes{"CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"};

void write_note(sqlite::database& db, std::size_t bytes) {
    db.begin();
    db.execute("INSERT INTO notes (text) VALUES (?)", std::string(bytes, 'n'));
    db.commit();
}

void fail_to_write(sqlite::database& db, std::size_t bytes) {
    try {
        write_note(db, bytes);
        FAIL("the disk took it");
    } catch (const store_error&) {
        db.rollback();
    }
}

std::int64_t count(sqlite::database& db) {
    auto rows = db.query("SELECT count(*) FROM notes");
    REQUIRE(rows.next());
    return rows.integer(0);
}

struct scene {
    test::temp_dir dir;
    std::string file = dir / "notes.db";
    std::string main;  // as a killed process left them
    std::string log;

    void is_killed() {
        main = text_of(file);
        log = text_of(file + "-wal");
    }
    // How many notes the next process finds in that log, or why it does not start.
    std::string start_on(const std::string& left) {
        const std::string next = dir / "next.db";
        std::filesystem::remove(next + "-shm");
        write_file(next, main);
        write_file(next + "-wal", left);
        std::string seen;
        try {
            sqlite::database db(next, notes);
            seen = std::to_string(count(db));
        } catch (const store_error& e) {
            seen = e.what();
            CHECK(text_of(next) == main);
            CHECK(text_of(next + "-wal") == left);
        }
        return seen;
    }
};

std::string with_a_wrong_bit(std::string log, std::size_t at) {
    log.at(at) ^= 1;
    return log;
}

}  // namespace

TEST_CASE("a wrong byte in the log of a killed process is named, wherever two commits follow it") {
    scene s;
    sqlite::database db(s.file, notes);
    for (int i = 0; i < 10; ++i) write_note(db, i % 3 == 0 ? 5000 : 50);
    s.is_killed();
    const auto last = s.log.size();
    write_note(db, 50);
    write_note(db, 50);
    s.is_killed();
    REQUIRE(s.start_on(s.log) == "12");
    // A byte of each number in the heads, and one of the page.
    for (auto frame = log_head_bytes; frame < last; frame += frame_bytes)
        for (const auto at : {0U, 3U, 7U, 8U, 15U, 16U, 23U, 24U, 4000U}) {
            CAPTURE(frame, at);
            const auto seen = s.start_on(with_a_wrong_bit(s.log, frame + at));
            CHECK_THAT(seen,
                       Contains("next.db is damaged") && Contains("next.db-wal is not as it was written"));
        }
}

TEST_CASE("a wrong byte in the head of a killed process' log is named, or makes no difference") {
    scene s;
    sqlite::database db(s.file, notes);
    for (int i = 0; i < 3; ++i) write_note(db, 50);
    s.is_killed();
    for (std::size_t at = 0; at < log_head_bytes; ++at) {
        CAPTURE(at);
        const auto seen = s.start_on(with_a_wrong_bit(s.log, at));
        if (seen != "3") CHECK_THAT(seen, Contains("next.db-wal is not as it was written at byte 0"));
    }
    auto without_head = s.log;
    without_head.replace(0, 512, 512, '\0');
    CHECK_THAT(s.start_on(without_head), Contains("next.db is damaged"));
    auto with_another = s.log;
    for (std::size_t at = 0; at < 512; ++at) with_another[at] = static_cast<char>(at * 131 + 7);
    CHECK_THAT(s.start_on(with_another), Contains("next.db is damaged"));
    auto with_two_wrong_bytes = with_a_wrong_bit(with_a_wrong_bit(s.log, 6), log_head_bytes + 12);
    CHECK_THAT(s.start_on(with_two_wrong_bytes), Contains("next.db is damaged"));
}

TEST_CASE("a head that a killed process wrote in part, over a log that was copied, is no damage") {
    scene s;
    sqlite::database db(s.file, notes);
    for (int i = 0; i < 3; ++i) write_note(db, 50);
    {
        auto copied = db.query("PRAGMA wal_checkpoint(RESTART)");
        REQUIRE(copied.next());
    }
    s.is_killed();
    const auto old = s.log;
    const auto main = s.main;
    write_note(db, 50);
    s.is_killed();
    s.main = main;
    for (std::size_t at = 0; at < log_head_bytes; ++at) {
        CAPTURE(at);
        CHECK(s.start_on(s.log.substr(0, at) + old.substr(at)) == "3");
    }
}

TEST_CASE("pages of zeros in a killed process' log are named") {
    scene s;
    sqlite::database db(s.file, notes);
    for (int i = 0; i < 10; ++i) write_note(db, 50);
    s.is_killed();
    auto with_a_hole = s.log;
    with_a_hole.replace(4096, 3 * 4096, 3 * 4096, '\0');
    CHECK_THAT(s.start_on(with_a_hole), Contains("next.db is damaged"));
}

TEST_CASE("a last commit that is torn is cut, whichever of its pages are missing") {
    scene s;
    sqlite::database db(s.file, notes);
    for (int i = 0; i < 5; ++i) write_note(db, 50);
    s.is_killed();
    const auto before = s.log.size();
    write_note(db, 30'000);
    s.is_killed();
    REQUIRE(s.start_on(s.log) == "6");
    for (auto frame = before; frame < s.log.size(); frame += frame_bytes) {
        CAPTURE(frame);
        auto torn = s.log;
        torn.replace(frame, frame_bytes, frame_bytes, '\0');
        CHECK(s.start_on(torn) == "5");
        CHECK(s.start_on(s.log.substr(0, frame)) == "5");
    }
}

TEST_CASE("what commits that failed left behind the end of a log is no damage") {
    test::frail_disk disk;
    scene s;
    sqlite::database db(s.file, notes);
    write_note(db, 50);
    std::size_t notes_before = 1;
    for (const auto bytes : {60'000U, 40'000U, 20'000U}) {
        disk.fail_syncs("-wal", 1);
        fail_to_write(db, bytes);
        s.is_killed();
        CHECK(s.start_on(s.log) == std::to_string(notes_before));
        write_note(db, 9000);
        ++notes_before;
        s.is_killed();
        CHECK(s.start_on(s.log) == std::to_string(notes_before));
    }
    // One that a power cut tore, in front of what all of them left.
    const auto before = s.log;
    write_note(db, 9000);
    s.is_killed();
    std::size_t changed = log_head_bytes;
    while (before.compare(changed, frame_bytes, s.log, changed, frame_bytes) == 0) changed += frame_bytes;
    auto torn = s.log;
    torn.replace(changed, frame_bytes, before, changed, frame_bytes);
    CHECK(s.start_on(torn) == std::to_string(notes_before));
}

TEST_CASE("of a log that a disk has changed nothing is copied into the main file") {
    scene s;
    std::string main;
    {
        sqlite::database db(s.file, notes);
        for (int i = 0; i < 5; ++i) write_note(db, 5000);
        s.is_killed();
        main = s.main;
        // In the last commit, which the next process takes for torn: the others are in the log, too.
        write_file(s.file + "-wal", with_a_wrong_bit(s.log, s.log.size() - 2000));
    }
    CHECK((text_of(s.file) == main));  // no binary text is to be shown
    sqlite::database db(s.file, notes);
    CHECK(count(db) == 4);
}

TEST_CASE("a log that another process has begun anew is not called damaged") {
    scene s;
    sqlite3* connection = nullptr;
    sqlite::database db(s.file, notes);
    for (int i = 0; i < 3; ++i) write_note(db, 50);
    REQUIRE(sqlite3_open(s.file.c_str(), &connection) == SQLITE_OK);
    REQUIRE(sqlite3_exec(connection, "SELECT count(*) FROM notes", nullptr, nullptr, nullptr) == SQLITE_OK);
    const auto salts = text_of(s.file + "-wal").substr(16, 8);
    CHECK(sqlite::is_log_whole(connection, 3, salts));
    CHECK_FALSE(sqlite::is_log_whole(connection, 1000, salts));  // they are not there
    CHECK(sqlite::is_log_whole(connection, 1000, "of other"));
    sqlite3_close(connection);
}

TEST_CASE("a head that is half of a failed commit's is no commit") {
    test::frail_disk disk;
    scene s;
    sqlite::database db(s.file, notes);
    write_note(db, 50);
    s.is_killed();
    const auto end = s.log.size();
    disk.fail_syncs("-wal", 1);
    fail_to_write(db, 60'000);
    s.is_killed();
    REQUIRE(s.log.size() > end + 4 * frame_bytes);
    // The next commit fails, too: its page is written in part, then its second head.
    s.log.at(end + 4000) ^= 1;
    s.log.at(end + frame_bytes + 7) = 9;
    CHECK(s.start_on(s.log) == "1");
}
