// What sqlite.hpp promises: typed values, migrations all or none, safe settings, and files that are not ours
// or not sound are left as they are.
#include <catch2/catch.hpp>
#include <filesystem>

#include "store/sqlite/sqlite.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using distd::test::text_of;
using distd::test::write_file;
namespace fs = std::filesystem;

namespace {

const sqlite::migrations pets{
    "CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, weight REAL) STRICT"};

std::string complaint(const fs::path& file, const sqlite::migrations& steps) {
    try {
        sqlite::database db(file, steps);
    } catch (const store_error& e) {
        return e.what();
    }
    return "none";
}

}  // namespace

TEST_CASE("values come back as they were bound") {
    test::temp_dir dir;
    sqlite::database db(dir / "pets.db", pets);
    CHECK(db.was_new());
    db.begin();
    CHECK(db.execute("INSERT INTO pets (name, weight) VALUES (?, ?)", "Rex \"the\" dog", 31.5) == 1);
    CHECK(db.last_insert_id() == 1);
    db.execute("INSERT INTO pets (name, weight) VALUES (?, ?)", std::string(), std::optional<double>());
    db.commit();

    auto rows = db.query("SELECT id, name, weight FROM pets WHERE id >= ? ORDER BY id", 1);
    REQUIRE(rows.next());
    CHECK(rows.integer(0) == 1);
    CHECK(rows.text(1) == "Rex \"the\" dog");
    CHECK(rows.real(2) == 31.5);
    REQUIRE(rows.next());
    CHECK(rows.text(1).empty());
    CHECK(rows.is_null(2));
    CHECK_FALSE(rows.next());
}

TEST_CASE("a statement may run inside a run of itself") {
    test::temp_dir dir;
    sqlite::database db(dir / "pets.db", pets);
    for (const auto* name : {"a", "b"}) db.execute("INSERT INTO pets (name) VALUES (?)", name);
    int pairs = 0;
    for (auto outer = db.query("SELECT id FROM pets"); outer.next();)
        for (auto inner = db.query("SELECT id FROM pets"); inner.next();) ++pairs;
    CHECK(pairs == 4);
}

TEST_CASE("the settings are the safe ones, and the files are private") {
    test::temp_dir dir;
    sqlite::database db(dir / "pets.db", pets);
    db.execute("INSERT INTO pets (name) VALUES ('Rex')");
    const auto number = [&](std::string_view pragma) {
        auto row = db.query(pragma);
        REQUIRE(row.next());
        return row.integer(0);
    };
    CHECK(number("PRAGMA synchronous") == 2);
    CHECK(number("PRAGMA foreign_keys") == 1);
    CHECK(number("PRAGMA user_version") == 1);
    for (const auto& entry : fs::directory_iterator(dir.path()))
        CHECK((entry.status().permissions() & fs::perms::mask) ==
              (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a broken constraint is a conflict that leaves nothing behind") {
    test::temp_dir dir;
    sqlite::database db(dir / "pets.db", pets);
    db.execute("INSERT INTO pets (name) VALUES ('Rex')");
    try {
        db.execute("INSERT INTO pets (name) VALUES ('Tom'), ('Rex')");
        FAIL("expected a conflict");
    } catch (const store_error& e) {
        CHECK(e.code() == errc::conflict);
    }
    auto rows = db.query("SELECT count(*) FROM pets");
    REQUIRE(rows.next());
    CHECK(rows.integer(0) == 1);
}

TEST_CASE("a savepoint that is not released is rolled back") {
    test::temp_dir dir;
    sqlite::database db(dir / "pets.db", pets);
    db.begin();
    {
        sqlite::savepoint undone(db);
        db.execute("INSERT INTO pets (name) VALUES ('Rex')");
    }
    {
        sqlite::savepoint kept(db);
        db.execute("INSERT INTO pets (name) VALUES ('Tom')");
        kept.keep();
    }
    db.commit();
    auto rows = db.query("SELECT name FROM pets");
    REQUIRE(rows.next());
    CHECK(rows.text(0) == "Tom");
    CHECK_FALSE(rows.next());
}

TEST_CASE("migrations that are missing are applied, all or none") {
    test::temp_dir dir;
    const fs::path file = dir / "pets.db";
    { sqlite::database db(file, pets); }

    auto broken = pets;
    broken.push_back("ALTER TABLE pets ADD COLUMN age INTEGER");
    broken.push_back("ALTER TABLE cats ADD COLUMN age INTEGER");
    CHECK(complaint(file, broken).find("no such table: cats") != std::string::npos);

    auto next = pets;
    next.push_back("ALTER TABLE pets ADD COLUMN age INTEGER");
    {
        sqlite::database db(file, next);
        CHECK_FALSE(db.was_new());
        db.execute("INSERT INTO pets (name, age) VALUES ('Rex', 3)");
    }
    CHECK(complaint(file, next) == "none");

    const auto before = text_of(file);
    CHECK(complaint(file, pets).find("newer version (schema 2, this one knows up to 1)") !=
          std::string::npos);
    CHECK(text_of(file) == before);
}

TEST_CASE("a file that is damaged or foreign is reported with what to do, and left as it is") {
    test::temp_dir dir;
    const fs::path file = dir / "pets.db";
    std::string expected;
    SECTION("not a database") {
        write_file(file, std::string(5000, 'x'));
        expected = "is damaged: file is not a database. It was left as it is";
    }
    SECTION("overwritten pages") {
        {
            sqlite::database db(file, pets);
            for (int i = 0; i < 2000; ++i)
                db.execute("INSERT INTO pets (name) VALUES (?)", std::to_string(i) + "name");
        }
        auto bytes = text_of(file);
        REQUIRE(bytes.size() > 20000);
        std::fill(bytes.begin() + 8192, bytes.begin() + 16384, '\x7f');
        write_file(file, bytes);
        expected = ".recover";
    }
    SECTION("another program's tables") {
        {
            sqlite::database db(file, {});
            db.run_script("CREATE TABLE theirs (x)");
        }
        expected = "holds tables of some other program";
    }
    SECTION("lost, while its log remains") {
        write_file(file.string() + "-wal", "committed rows");
        expected = "the file is missing, but its write-ahead log";
    }
    const bool existed = fs::exists(file);
    const auto before = text_of(file);
    CHECK_THAT(complaint(file, pets), Catch::Contains(expected) && Catch::Contains(file.string()));
    CHECK(fs::exists(file) == existed);
    CHECK(text_of(file) == before);
}
