// The grade book's store: seeded once, grades durable and in order, unknown students refused.
#include <catch2/catch.hpp>

#include "role/grading/sqlite_gradebook.hpp"
#include "support/loop_runner.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::grading;

namespace {

struct opened {
    explicit opened(const test::temp_dir& dir)
        : book(dir / "grades.db", runner.loop.get_executor(), real_time()) {}

    result<> add(std::int64_t id, grade g) {
        result<> got;
        runner.run([&] { return adding(id, g, got); });
        return got;
    }
    task<> adding(std::int64_t id, grade g, result<>& got) {
        got = co_await book.add_grade(id, std::move(g));
    }

    test::loop_runner runner;
    sqlite_gradebook book;
};

}  // namespace

TEST_CASE("a new grade book holds the five students of the protocol") {
    test::temp_dir dir;
    const auto students = opened(dir).book.load();
    REQUIRE(students.size() == 5);
    CHECK(students[0] ==
          student{1,
                  "Nick",
                  "Carter",
                  {{"Quiz 1", "Quiz", 85}, {"Final Exam", "Exam", 94}, {"Quiz 2", "Quiz", 82}}});
    CHECK(students[4] ==
          student{5,
                  "xiaoqiao",
                  "qiao",
                  {{"Quiz 1", "Quiz", 23}, {"Final Exam", "Exam", 0}, {"Quiz 2", "Quiz", 44}}});
}

TEST_CASE("a grade that was answered is there after the next start, behind the earlier ones") {
    test::temp_dir dir;
    {
        opened o(dir);
        CHECK(o.add(3, {"Essay \"A\"", "Homework", 87.5}));
        CHECK(o.add(3, {"Retake", "Test", 100}));
    }
    const auto students = opened(dir).book.load();
    REQUIRE(students.size() == 5);
    REQUIRE(students[2].grades.size() == 5);
    CHECK(students[2].grades[3] == grade{"Essay \"A\"", "Homework", 87.5});
    CHECK(students[2].grades[4] == grade{"Retake", "Test", 100});
}

TEST_CASE("a grade for an unknown student is refused and leaves nothing behind") {
    test::temp_dir dir;
    CHECK(opened(dir).add(6, {"Quiz 1", "Quiz", 1}).error() == make_error_code(errc::not_found));
    for (const auto& s : opened(dir).book.load()) CHECK(s.grades.size() == 3);
}

TEST_CASE("a grade book that was emptied on purpose is not seeded again") {
    test::temp_dir dir;
    { opened o(dir); }
    {
        sqlite::database db(dir / "grades.db", {"", ""});
        db.execute("DELETE FROM students");
        db.run_script("PRAGMA user_version = 1");
    }
    CHECK(opened(dir).book.load().empty());
}
