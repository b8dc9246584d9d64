// The grade book's store: seeded once, changes durable, each with its entry in the history, repeated requests
// counted once, old files brought up to date.
#include <catch2/catch.hpp>

#include "role/grading/schema.hpp"
#include "role/grading/sqlite_gradebook.hpp"
#include "support/loop_runner.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::grading;

namespace {

struct opened {
    explicit opened(const test::temp_dir& dir)
        : book({dir / "grades.db", dir / "grades.db.copy"}, runner.loop.get_executor()) {}

    outcome perform(command c, origin from = {}) {
        std::optional<outcome> got;
        runner.run([&] { return performing(c, from, got); });
        return got.value();
    }
    outcome undo(std::int64_t entry) { return perform(undo_entry{entry}); }
    std::vector<history_entry> history(history_query q = {}) {
        std::vector<history_entry> got;
        runner.run([&] { return reading(q, got); });
        return got;
    }
    task<> performing(command c, origin from, std::optional<outcome>& got) {
        auto made = co_await book.perform(std::move(c), std::move(from));
        got = std::move(made).value();
    }
    task<> reading(history_query q, std::vector<history_entry>& got) {
        auto found = co_await book.history(q);
        got = std::move(found).value();
    }
    std::vector<student> students() { return book.load().students; }

    test::loop_runner runner;
    sqlite_gradebook book;
};

precondition version(std::int64_t v) { return {{{v}}}; }

}  // namespace

TEST_CASE("a new grade book holds the five students of the protocol") {
    test::temp_dir dir;
    const auto students = opened(dir).students();
    REQUIRE(students.size() == 5);
    CHECK(students[0] ==
          student{1,
                  "Nick",
                  "Carter",
                  {{"Quiz 1", "Quiz", 85, 1}, {"Final Exam", "Exam", 94, 2}, {"Quiz 2", "Quiz", 82, 3}},
                  1});
    CHECK(students[4] ==
          student{5,
                  "xiaoqiao",
                  "qiao",
                  {{"Quiz 1", "Quiz", 23, 13}, {"Final Exam", "Exam", 0, 14}, {"Quiz 2", "Quiz", 44, 15}},
                  1});
}

TEST_CASE("a grade that was answered is there after the next start, behind the earlier ones") {
    test::temp_dir dir;
    {
        opened o(dir);
        CHECK(o.perform(add_grade{3, {"Essay \"A\"", "Homework", 87.5}}).status == 201);
        CHECK(o.perform(add_grade{3, {"Retake", "Test", 100}}).current_version == 3);
    }
    const auto students = opened(dir).students();
    REQUIRE(students.size() == 5);
    CHECK(students[2].version == 3);
    REQUIRE(students[2].grades.size() == 5);
    CHECK(students[2].grades[3] == grade{"Essay \"A\"", "Homework", 87.5, 16});
    CHECK(students[2].grades[4] == grade{"Retake", "Test", 100, 17});
}

TEST_CASE("a file of the first version is brought up to date with all that is in it") {
    test::temp_dir dir;
    {
        sqlite::database old(dir / "grades.db", {gradebook_schema().front()});
        old.execute("INSERT INTO grades (student_id, title, type, score) VALUES (1, 'Old', 'Test', 7)");
    }
    opened o(dir);
    const auto students = o.students();
    REQUIRE(students.size() == 5);
    CHECK(students[0].grades.back() == grade{"Old", "Test", 7, 16});
    CHECK(students[0].version == 1);
    CHECK(o.history().empty());
}

TEST_CASE("a file of the second version keeps its grades, its history and the numbers that were given") {
    test::temp_dir dir;
    {
        const auto& steps = gradebook_schema();
        sqlite::database old(dir / "grades.db", {steps[0], steps[1]});
        old.execute("INSERT INTO grades (student_id, title, type, score) VALUES (2, 'Old', 'Test', 7)");
        old.execute("INSERT INTO grades (student_id, title, type, score) VALUES (1, 'Gone', 'Test', 7)");
        old.execute("DELETE FROM grades WHERE title = 'Gone'");
        old.execute(
            "INSERT INTO history (id, at_ms, request_id, action, student_id, grade_id, after) "
            "VALUES (41, 5, 'r1', 'grade_added', 2, 16, ?)",
            R"({"Title":"Old","Type":"Test","Score":7,"ID":16})");
    }
    opened o(dir);
    const auto students = o.students();
    REQUIRE(students.size() == 5);
    CHECK(students[0].grades.size() == 3);
    CHECK(students[1].grades.back() == grade{"Old", "Test", 7, 16});
    const auto all = o.history();
    REQUIRE(all.size() == 1);
    CHECK(all[0].id == 41);
    CHECK(all[0].request_id == "r1");
    CHECK(o.perform(add_grade{1, {"New", "Quiz", 1}}).location == "/students/1/grades/18");
    CHECK(o.history().back().id == 42);
    CHECK(o.undo(41).is == command_status::done);
    CHECK(o.students()[1].grades.size() == 3);
}

TEST_CASE("the number of a grade is never given again, to nobody and after no restart") {
    test::temp_dir dir;
    {
        opened o(dir);
        CHECK(o.perform(add_grade{1, {"T", "Quiz", 1}}).location == "/students/1/grades/16");
        CHECK(o.perform(remove_grade{1, 16}).is == command_status::done);
        CHECK(o.perform(add_grade{1, {"T", "Quiz", 1}}).location == "/students/1/grades/17");
        CHECK(o.perform(remove_student{1}).is == command_status::done);
    }
    opened o(dir);
    CHECK(o.perform(add_grade{2, {"T", "Quiz", 1}}).location == "/students/2/grades/18");
    CHECK(o.undo(4).is == command_status::done);  // the student comes back, and the grade with its number
    CHECK(o.students()[0].grades.back().id == 17);
}

TEST_CASE("what does not exist, or has another version by now, is refused and leaves nothing behind") {
    test::temp_dir dir;
    opened o(dir);
    const auto before = o.students();
    CHECK(o.perform(add_grade{6, {"Quiz 1", "Quiz", 1}}).is == command_status::no_student);
    CHECK(o.perform(rename_student{6, "A", "B"}).is == command_status::no_student);
    CHECK(o.perform(remove_grade{1, 4}).is == command_status::no_grade);  // the second student's
    CHECK(o.perform(change_grade{1, {"T", "Quiz", 1, 99}}).is == command_status::no_grade);
    const auto stale = o.perform(remove_student{1, version(2)});
    CHECK(stale.is == command_status::stale);
    CHECK(stale.current_version == 1);
    CHECK(o.undo(1).is == command_status::no_entry);
    CHECK(o.students() == before);
    CHECK(o.history().empty());
}

TEST_CASE("a request with a key counts once, also over a restart, and its key serves no other request") {
    test::temp_dir dir;
    const origin first{1000, "r1", "key", "print"};
    const auto answered = opened(dir).perform(add_grade{1, {"T", "Quiz", 1}}, first);
    opened o(dir);
    const auto again = o.perform(add_grade{1, {"T", "Quiz", 1}}, first);
    CHECK(again.is == command_status::repeated);
    CHECK(again.status == 201);
    CHECK(again.body == answered.body);
    CHECK(again.changes.empty());
    CHECK(o.perform(add_grade{1, {"U", "Quiz", 1}}, {1000, "r2", "key", "other"}).is ==
          command_status::key_reused);
    CHECK(o.students()[0].grades.size() == 4);
    const origin next_day{1001, "r3", "key", "other", answer_limits{}.kept_ms + 1};
    CHECK(o.perform(add_grade{1, {"U", "Quiz", 1}}, next_day).is == command_status::done);
}

TEST_CASE("every change has its entry in the history: who, when, before and after") {
    test::temp_dir dir;
    opened o(dir);
    CHECK(o.perform(rename_student{1, "Nicola", "Carter"}, {1, "r1"}).is == command_status::done);
    CHECK(o.perform(change_grade{1, {"Quiz 1", "Quiz", 90, 1}}, {2, "r2"}).is == command_status::done);
    CHECK(o.perform(remove_grade{2, 4}, {3, "r3"}).is == command_status::done);
    const auto all = o.history();
    REQUIRE(all.size() == 3);
    std::string text;
    append_wire(text, all[1]);
    CHECK(
        text ==
        R"({"ID":2,"At":"1970-01-01T00:00:00.002Z","RequestID":"r2","Action":"grade_changed","StudentID":1,)"
        R"("GradeID":1,"Before":{"Title":"Quiz 1","Type":"Quiz","Score":85,"ID":1},)"
        R"("After":{"Title":"Quiz 1","Type":"Quiz","Score":90,"ID":1},"Undoes":null})");
    CHECK(all[0].before == R"({"FirstName":"Nick","LastName":"Carter"})");
    CHECK(all[2].after.empty());
    CHECK(o.history({1, 0, 100}).size() == 2);
    CHECK(o.history({{}, 1, 1}).at(0).id == 2);
}

TEST_CASE("whatever was done can be undone, and the undoing as well") {
    test::temp_dir dir;
    opened o(dir);
    const auto shown = [&] {
        auto students = o.students();
        for (auto& s : students) s.version = 0;
        return students;
    };
    type_weights exams_thrice;
    exams_thrice.of[2] = 3;
    const std::vector<command> commands{
        add_student{"A", "B"},          rename_student{1, "Nicola", "C"},      remove_student{2},
        add_grade{3, {"T", "Quiz", 1}}, change_grade{4, {"U", "Exam", 2, 10}}, remove_grade{5, 13},
        set_weights{exams_thrice}};
    for (const auto& c : commands) {
        const auto before = shown();
        const auto weights = o.book.load().weights;
        REQUIRE(o.perform(c).is == command_status::done);
        const auto after = shown();
        REQUIRE(o.undo(o.history().back().id).is == command_status::done);
        CHECK(shown() == before);
        CHECK(o.book.load().weights == weights);
        REQUIRE(o.undo(o.history().back().id).is == command_status::done);
        CHECK(shown() == after);
        CHECK(o.history().back().undoes == o.history().back().id - 1);
    }
}

TEST_CASE("what was changed again since cannot be undone") {
    test::temp_dir dir;
    opened o(dir);
    CHECK(o.perform(change_grade{1, {"Quiz 1", "Quiz", 90, 1}}).is == command_status::done);
    CHECK(o.perform(change_grade{1, {"Quiz 1", "Quiz", 91, 1}}).is == command_status::done);
    CHECK(o.undo(1).is == command_status::changed_since);
    CHECK(o.perform(add_student{"A", "B"}).is == command_status::done);
    CHECK(o.perform(add_grade{6, {"T", "Quiz", 1}}).is == command_status::done);
    CHECK(o.undo(3).is == command_status::changed_since);
    CHECK(o.undo(4).is == command_status::done);
    CHECK(o.undo(4).is == command_status::changed_since);
    CHECK(o.undo(3).is == command_status::done);
    CHECK(o.students().size() == 5);
}

TEST_CASE("a student that comes back has a version of its own") {
    test::temp_dir dir;
    opened o(dir);
    CHECK(o.perform(remove_student{1}).is == command_status::done);
    CHECK(o.undo(1).is == command_status::done);
    CHECK(o.students()[0].version == 2);
    CHECK(o.perform(remove_student{1, version(1)}).is == command_status::stale);
}

TEST_CASE("a grade book that was emptied on purpose is not seeded again") {
    test::temp_dir dir;
    { opened o(dir); }
    {
        sqlite::database db(dir / "grades.db", gradebook_schema());
        db.execute("DELETE FROM students");
    }
    CHECK(opened(dir).students().empty());
}
