// Which file a database waits for, where the disk does not answer.
#include <catch2/catch.hpp>
#include <string>

#include "base/disk_wait.hpp"
#include "store/sqlite/sqlite.hpp"
#include "support/held_call.hpp"
#include "support/temp_dir.hpp"

using namespace distd;

TEST_CASE("a read of a database that the disk does not answer is known by its file") {
    const test::temp_dir dir;
    const sqlite::migrations schema{"CREATE TABLE a (text TEXT); CREATE TABLE b (text TEXT)"};
    sqlite::database database(dir / "any.db", schema);
    database.execute("INSERT INTO b (text) VALUES (?)", std::string(100'000, 'x'));
    const auto read = [&](const char* table) {
        try {
            auto row = database.query(std::string("SELECT text FROM ") + table);
            static_cast<void>(row.next());
        } catch (const store_error&) {
            // It was held, and then failed.
        }
    };
    database.run_script("PRAGMA cache_size = 1; PRAGMA shrink_memory");
    read("a");  // all that is opened is open now
    {
        const test::held_call held([&] { read("b"); });
        if (!held.is_possible()) {
            WARN("this system lets nobody hold a call: not tested");
            return;
        }
        CHECK(held.wait_until_held());
        const auto waiting = disk_wait::oldest();
        REQUIRE(waiting);
        CHECK(waiting->file.starts_with(dir / "any.db"));
    }
    CHECK_FALSE(disk_wait::oldest());
}
