// What kept_answers.hpp promises: a key counts once for a day in which a service runs, whatever the wall
// clock says, over restarts; bounded, and what is forgotten early is counted.
#include "role/grading/kept_answers.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "role/grading/command_writer.hpp"
#include "role/grading/schema.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::grading;

namespace {

constexpr std::int64_t hour = 3'600'000;
constexpr std::int64_t wall = 1'800'000'000'000;

// One life of a service.
struct life {
    explicit life(const test::temp_dir& dir, answer_limits limits = {})
        : db(dir / "grades.db", gradebook_schema()), writer(db, limits) {}

    command_status send(const std::string& key, std::int64_t steady_ms, std::int64_t wall_ms = wall) {
        db.begin();
        writer.begin();
        const auto made =
            writer.perform(add_grade{1, {"T", "Quiz", 1}}, {wall_ms, "r", key, "print", steady_ms});
        writer.finish();
        db.commit();
        return made.is;
    }
    std::int64_t number(std::string_view sql) {
        auto row = db.query(sql);
        REQUIRE(row.next());
        return row.integer(0);
    }

    sqlite::database db;
    command_writer writer;
};

}  // namespace

TEST_CASE("a wall clock that is a day ahead for one request, or turned back, makes no key count twice") {
    test::temp_dir dir;
    life l(dir);
    CHECK(l.send("a", 1000) == command_status::done);
    CHECK(l.send("b", 2000, wall + 25 * hour) == command_status::done);
    CHECK(l.send("c", 3000, wall - 1000 * hour) == command_status::done);
    CHECK(l.send("d", 4000) == command_status::done);
    for (const auto* key : {"a", "b", "c", "d"}) CHECK(l.send(key, 5000) == command_status::repeated);
    CHECK(l.send("a", 6000, wall + 100'000 * hour) == command_status::repeated);
}

TEST_CASE("an answer is kept for 24 hours in which a service runs, and the time it is off is none") {
    test::temp_dir dir;
    {
        life l(dir);
        CHECK(l.send("a", 7 * hour) == command_status::done);
        CHECK(l.send("b", 30 * hour) == command_status::done);
    }
    life l(dir);
    CHECK(l.send("a", 5000 * hour, wall + 5000 * hour) == command_status::repeated);
    CHECK(l.send("c", 5001 * hour) == command_status::done);
    CHECK(l.send("a", 5001 * hour) == command_status::repeated);
    CHECK(l.send("a", 5001 * hour + 1) == command_status::done);
    CHECK(l.send("b", 5001 * hour + 1) == command_status::repeated);
    CHECK(l.send("d", 5030 * hour) == command_status::done);
    CHECK(l.number("SELECT count(*) FROM answers") == 1);
    CHECK(l.writer.answers().forgotten_early() == 0);
}

TEST_CASE("for two services on one store time goes on once, not twice") {
    test::temp_dir dir;
    life one(dir);
    life other(dir);
    CHECK(one.send("a", 0) == command_status::done);
    for (std::int64_t h = 1; h <= 24; ++h) {
        CHECK(other.send("o" + std::to_string(h), 700 * hour + h * hour) == command_status::done);
        CHECK(one.send("p" + std::to_string(h), h * hour) == command_status::done);
    }
    CHECK(other.send("a", 724 * hour) == command_status::repeated);
}

TEST_CASE("over their bound in number or bytes the oldest answers go, and are counted") {
    const bool by_bytes = GENERATE(false, true);
    test::temp_dir dir;
    answer_limits limits;
    by_bytes ? limits.max_bytes = 2500 : limits.max_answers = 10;
    life l(dir, limits);
    for (int i = 0; i < 50; ++i) CHECK(l.send("key" + std::to_string(i), i) == command_status::done);
    const auto kept = l.number("SELECT count(*) FROM answers");
    CHECK(kept <= 15);
    CHECK(kept >= 10);
    CHECK(l.writer.answers().forgotten_early() == static_cast<std::uint64_t>(50 - kept));
    CHECK(l.number("SELECT answers FROM answer_book") == kept);
    CHECK(l.number("SELECT bytes FROM answer_book") == l.number("SELECT sum(bytes) FROM answers"));
    CHECK(l.send("key49", 50) == command_status::repeated);
    CHECK(l.send("key0", 50) == command_status::done);
}

TEST_CASE("a transaction that fails leaves the account of the answers as it was") {
    test::temp_dir dir;
    life l(dir);
    CHECK(l.send("a", 0) == command_status::done);
    l.db.begin();
    l.writer.begin();
    CHECK(l.writer.perform(add_grade{1, {"T", "Quiz", 1}}, {wall, "r", "b", "print", 1}).is ==
          command_status::done);
    l.db.rollback();
    CHECK(l.send("b", 2) == command_status::done);
    CHECK(l.number("SELECT answers FROM answer_book") == 2);
}

TEST_CASE("a file of the third version keeps its answers for another day") {
    test::temp_dir dir;
    {
        const auto& steps = gradebook_schema();
        sqlite::database old(dir / "grades.db", {steps[0], steps[1], steps[2]});
        old.execute(
            "INSERT INTO answers (key, at_ms, fingerprint, status, body, location, version) "
            "VALUES ('a', 5, 'print', 201, '{}', '', 2), ('b', ?, 'print', 201, '{}', '', 2)",
            wall + 9000 * hour);
    }
    life l(dir);
    CHECK(l.send("a", 0) == command_status::repeated);
    CHECK(l.send("c", 23 * hour) == command_status::done);
    CHECK(l.send("a", 23 * hour) == command_status::repeated);
    CHECK(l.send("b", 23 * hour) == command_status::repeated);
    CHECK(l.number("SELECT bytes FROM answer_book") == l.number("SELECT sum(bytes) FROM answers"));
}
