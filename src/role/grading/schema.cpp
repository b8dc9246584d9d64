#include "role/grading/schema.hpp"

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

// Versions for ETags, weights, the history and the answers to requests that carried an idempotency key. The
// history names students without a foreign key: it outlives them.
constexpr std::string_view versions_and_history = R"(
    ALTER TABLE students ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
    CREATE TABLE weights (type TEXT PRIMARY KEY, weight REAL NOT NULL) STRICT;
    INSERT INTO weights (type, weight) VALUES ('Quiz', 1), ('Test', 1), ('Exam', 1), ('Homework', 1);
    CREATE TABLE history (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        request_id TEXT NOT NULL,
        action TEXT NOT NULL,
        student_id INTEGER,
        grade_id INTEGER,
        before TEXT,
        after TEXT,
        undoes INTEGER
    ) STRICT;
    CREATE INDEX history_of_student ON history (student_id, id);
    CREATE TABLE answers (
        key TEXT PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        fingerprint TEXT NOT NULL,
        status INTEGER NOT NULL,
        body TEXT NOT NULL,
        location TEXT NOT NULL,
        version INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX answers_by_age ON answers (at_ms);
)";

}  // namespace

const sqlite::migrations& gradebook_schema() {
    static const sqlite::migrations steps{tables_and_seed, versions_and_history};
    return steps;
}

}  // namespace distd::grading
