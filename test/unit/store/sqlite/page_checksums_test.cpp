// What a disk changed by itself is an error that names the file, never a value.
#include <sqlite3.h>
#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include "store/sqlite/sqlite.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using Catch::Contains;
using distd::test::text_of;
using distd::test::write_file;

namespace {

const sqlite::migrations pets{"CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"};

void fill(sqlite::database& db) {
    for (int i = 0; i < 400; ++i)
        db.execute("INSERT INTO pets (name) VALUES (?)", "pet-" + std::to_string(i) + std::string(60, '.'));
}

// One bit inside of a value: SQLite itself sees nothing wrong.
void flip_a_bit(const std::string& file, const std::string& value) {
    auto bytes = text_of(file);
    const auto at = bytes.find(value);
    REQUIRE(at != std::string::npos);
    bytes[at] ^= 1;
    write_file(file, bytes);
}

// While a store is open: in its place, all of them.
void flip_bits_in_place(const std::string& file, const std::string& value) {
    const auto bytes = text_of(file);
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    std::size_t count = 0;
    for (auto at = bytes.find(value); at != std::string::npos; at = bytes.find(value, at + 1), ++count) {
        out.seekp(static_cast<std::streamoff>(at));
        out.put(static_cast<char>(bytes[at] ^ 1));
    }
    REQUIRE(count > 0);
}

// Or why it cannot be read.
std::string name_of(sqlite::database& db, int id) try {
    auto row = db.query("SELECT name FROM pets WHERE id = ?", id);
    return row.next() ? std::string(row.text(0)) : "none";
} catch (const store_error& e) {
    return e.what();
}

std::string complaint(const std::string& file) try {
    const sqlite::database db(file, pets);
    return "none";
} catch (const store_error& e) {
    return e.what();
}

}  // namespace

TEST_CASE("a bit that flipped inside of a value is named with the file at the start") {
    test::temp_dir dir;
    const auto file = dir / "pets.db";
    {
        sqlite::database db(file, pets);
        fill(db);
    }
    flip_a_bit(file, "pet-123");
    const auto before = text_of(file);
    CHECK_THAT(complaint(file), Contains(file + " is damaged") && Contains("Page "));
    CHECK(text_of(file) == before);
}

TEST_CASE("a bit that flips while a store is open is an error for who reads the page, and for nobody else") {
    test::temp_dir dir;
    const auto file = dir / "pets.db";
    {
        sqlite::database db(file, pets);
        fill(db);
    }
    flip_a_bit(file, "pet-123");
    sqlite::database db(file, pets, sqlite::soundness::known);
    CHECK_THAT(name_of(db, 1), Catch::StartsWith("pet-0"));
    CHECK_THAT(name_of(db, 124), Contains(file + " is damaged: a page is not as it was written"));
    CHECK_THAT(name_of(db, 400), Catch::StartsWith("pet-399"));
}

TEST_CASE("a bit that flips in a write-ahead log is an error for who reads the page, and never copied") {
    test::temp_dir dir;
    const auto file = dir / "pets.db";
    std::string warning;
    {
        sqlite::database db(file, pets);
        fill(db);
        flip_bits_in_place(file + "-wal", "pet-123");
        sqlite::database reader(file, pets, sqlite::soundness::known);
        CHECK_THAT(name_of(reader, 1), Catch::StartsWith("pet-0"));
        CHECK_THAT(name_of(reader, 124), Contains("a page of its write-ahead log is not as it was written"));
        CHECK_THAT(name_of(reader, 400), Catch::StartsWith("pet-399"));
        db.copy_log_after(1);
        db.execute("UPDATE pets SET name = 'Rex' WHERE id = 400");
        warning = db.take_warning();
    }
    CHECK_THAT(warning, Contains("could not be copied") && Contains("is not as it was written"));
    CHECK(text_of(file).find("qet-123") == std::string::npos);
    CHECK_THAT(complaint(file), Contains(file + " is damaged") && Contains("write-ahead log"));
    CHECK(text_of(file).find("qet-123") == std::string::npos);
}

TEST_CASE("a transaction that does not fit into memory reads what it wrote to the log, and wrote again") {
    test::temp_dir dir;
    const auto file = dir / "pets.db";
    {
        sqlite::database db(file, pets);
        db.run_script("PRAGMA cache_size = 10");
        db.begin();
        fill(db);
        for (int round = 0; round < 3; ++round) {
            {
                sqlite::savepoint undone(db);
                db.execute("UPDATE pets SET name = 'Rex' || name");
            }
            CHECK_THAT(name_of(db, 7), Catch::StartsWith("pet-6"));
            db.execute("UPDATE pets SET name = name || '!'");
            for (int id = 1; id <= 400; ++id)
                REQUIRE_THAT(name_of(db, id), Catch::StartsWith("pet-" + std::to_string(id - 1) + "."));
            fill(db);
        }
        db.commit();
        CHECK_THAT(name_of(db, 400), Catch::EndsWith("!!!"));
        sqlite::database reader(file, pets, sqlite::soundness::known);
        for (int id = 1; id <= 1600; ++id) REQUIRE_THAT(name_of(reader, id), Catch::StartsWith("pet-"));
        db.begin();
        db.execute("UPDATE pets SET name = 'Rex'");
        db.rollback();
        fill(db);
        for (int id = 1; id <= 2000; ++id) REQUIRE_THAT(name_of(reader, id), Catch::StartsWith("pet-"));
    }
    sqlite::database again(file, pets);
    CHECK_THAT(name_of(again, 2000), Catch::StartsWith("pet-399"));
}

TEST_CASE("pages that another connection wrote have checksums, too") {
    test::temp_dir dir;
    const auto file = dir / "pets.db";
    {
        sqlite::database first(file, pets);
        sqlite::database second(file, pets, sqlite::soundness::known);
        fill(second);
        CHECK_THAT(name_of(first, 7), Catch::StartsWith("pet-6"));
    }
    sqlite::database again(file, pets);
    CHECK_THAT(name_of(again, 400), Catch::StartsWith("pet-399"));
}

TEST_CASE("a page of zeros, and pages that changed places, are named") {
    constexpr std::size_t page_bytes = 4096;
    test::temp_dir dir;
    const auto file = dir / "pets.db";
    {
        sqlite::database db(file, pets);
        db.execute("INSERT INTO pets (name) VALUES (?)", std::string(40'000, 'x'));
    }
    const auto before = text_of(file);
    auto with_zeros = before;
    const auto last = before.size() - page_bytes;
    with_zeros.replace(last, page_bytes, page_bytes, '\0');
    write_file(file, with_zeros);
    CHECK_THAT(complaint(file), Contains(file + " is damaged"));
    auto exchanged = before;
    exchanged.replace(last, page_bytes, before, last - page_bytes, page_bytes);
    exchanged.replace(last - page_bytes, page_bytes, before, last, page_bytes);
    write_file(file, exchanged);
    sqlite::database db(file, pets, sqlite::soundness::known);
    CHECK_THAT(name_of(db, 1), Contains("a page is not as it was written"));
}

TEST_CASE("a file whose checksums are from before they had the page's number is read and checked") {
    constexpr std::size_t page_bytes = 4096;
    test::temp_dir dir;
    const auto file = dir / "pets.db";
    sqlite3* old = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &old) == SQLITE_OK);
    int room = 8;
    REQUIRE(sqlite3_file_control(old, "main", SQLITE_FCNTL_RESERVE_BYTES, &room) == SQLITE_OK);
    REQUIRE(sqlite3_exec(old,
                         "CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
                         "INSERT INTO pets (name) VALUES ('Rex'); PRAGMA user_version = 1;",
                         nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(old);
    auto bytes = text_of(file);
    for (std::size_t page = 0; page < bytes.size(); page += page_bytes) {
        std::uint32_t a = 0;
        std::uint32_t b = 0;
        for (std::size_t i = 0; i < page_bytes - 8; i += 8) {
            std::uint32_t word[2];
            std::memcpy(word, bytes.data() + page + i, 8);
            a += word[0] + b;
            b += word[1] + a;
        }
        std::memcpy(bytes.data() + page + page_bytes - 8, &a, 4);
        std::memcpy(bytes.data() + page + page_bytes - 4, &b, 4);
    }
    write_file(file, bytes);
    {
        sqlite::database db(file, pets);
        fill(db);
    }
    {
        sqlite::database db(file, pets);
        CHECK(name_of(db, 1) == "Rex");
        CHECK_THAT(name_of(db, 401), Catch::StartsWith("pet-399"));
    }
    flip_a_bit(file, "pet-123");
    CHECK_THAT(complaint(file), Contains(file + " is damaged"));
}

TEST_CASE("a copy of a large file has checksums") {
    test::temp_dir dir;
    const auto copy = dir / "copy.db";
    {
        sqlite::database db(dir / "pets.db", pets);
        for (int i = 0; i < 20; ++i)
            db.execute("INSERT INTO pets (name) VALUES (?)", std::string(300'000, 'x'));
        db.execute("VACUUM INTO ?", copy);
    }
    sqlite::database db(copy, pets);
    CHECK(name_of(db, 20) == std::string(300'000, 'x'));
}

TEST_CASE("a file from before checksums is used as it is") {
    test::temp_dir dir;
    const auto file = dir / "pets.db";
    sqlite3* old = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &old) == SQLITE_OK);
    REQUIRE(sqlite3_exec(old,
                         "CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
                         "INSERT INTO pets (name) VALUES ('Rex'); PRAGMA user_version = 1;",
                         nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(old);
    {
        sqlite::database db(file, pets);
        fill(db);
    }
    sqlite::database db(file, pets);
    CHECK(name_of(db, 1) == "Rex");
    CHECK_THAT(name_of(db, 401), Catch::StartsWith("pet-399"));
}
