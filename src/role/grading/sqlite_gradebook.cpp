#include "role/grading/sqlite_gradebook.hpp"

namespace distd::grading {
namespace {

// The seed is part of the first migration, so that a store has either both or none.
constexpr std::string_view tables_and_seed = R"(
    CREATE TABLE students (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        first_name TEXT NOT NULL,
        last_name TEXT NOT NULL
    ) STRICT;
    CREATE TABLE grades (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        student_id INTEGER NOT NULL REFERENCES students (id) ON DELETE CASCADE,
        title TEXT NOT NULL,
        type TEXT NOT NULL,
        score REAL NOT NULL
    ) STRICT;
    CREATE INDEX grades_of_student ON grades (student_id, id);

    INSERT INTO students (id, first_name, last_name) VALUES
        (1, 'Nick', 'Carter'), (2, 'Roberto', 'Baggio'), (3, 'Emma', 'Stone'), (4, 'zhangsan', 'san'),
        (5, 'xiaoqiao', 'qiao');
    INSERT INTO grades (student_id, title, type, score) VALUES
        (1, 'Quiz 1', 'Quiz', 85), (1, 'Final Exam', 'Exam', 94), (1, 'Quiz 2', 'Quiz', 82),
        (2, 'Quiz 1', 'Quiz', 100), (2, 'Final Exam', 'Exam', 100), (2, 'Quiz 2', 'Quiz', 81),
        (3, 'Quiz 1', 'Quiz', 67), (3, 'Final Exam', 'Exam', 0), (3, 'Quiz 2', 'Quiz', 75),
        (4, 'Quiz 1', 'Quiz', 44), (4, 'Final Exam', 'Exam', 0), (4, 'Quiz 2', 'Quiz', 66),
        (5, 'Quiz 1', 'Quiz', 23), (5, 'Final Exam', 'Exam', 0), (5, 'Quiz 2', 'Quiz', 44);
)";

}  // namespace

sqlite_gradebook::sqlite_gradebook(std::filesystem::path file, executor loop, time_source& time)
    : database_(std::move(file), {tables_and_seed}), writer_("grades-writer", database_, loop, time) {}

std::vector<student> sqlite_gradebook::load() {
    std::vector<student> students;
    for (auto row = database_.query("SELECT id, first_name, last_name FROM students ORDER BY id");
         row.next();)
        students.push_back({row.integer(0), std::string(row.text(1)), std::string(row.text(2)), {}});

    // Both lists are ordered by student, so one pass joins them.
    auto owner = students.begin();
    auto row = database_.query("SELECT student_id, title, type, score FROM grades ORDER BY student_id, id");
    while (row.next()) {
        while (owner->id < row.integer(0)) ++owner;  // foreign keys: there is one
        owner->grades.push_back({std::string(row.text(1)), std::string(row.text(2)), row.real(3)});
    }
    return students;
}

task<result<>> sqlite_gradebook::add_grade(std::int64_t student_id, grade g) {
    const auto bytes = sizeof(grade) + g.title.size() + g.type.size();
    auto job = [this, student_id, kept = std::move(g)] { return insert(student_id, kept); };
    co_return co_await writer_.submit(std::move(job), bytes);
}

result<> sqlite_gradebook::insert(std::int64_t student_id, const grade& g) {
    // One statement that inserts nothing for an unknown student: a refused job leaves no trace.
    const auto inserted = database_.execute(
        "INSERT INTO grades (student_id, title, type, score) SELECT id, ?, ?, ? FROM students WHERE id = ?",
        g.title, g.type, g.score, student_id);
    if (inserted == 0) return errc::not_found;
    return {};
}

}  // namespace distd::grading
