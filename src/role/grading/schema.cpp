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

// A grade lies with the others of its student, in one tree instead of a table and an index; and no row asks
// SQLite for a number of its own, which would write the last one down for each: that is done once for a
// transaction, in `numbers`. Entries of the history are never removed, so theirs go on by themselves.
constexpr std::string_view grades_by_student = R"(
    CREATE TABLE numbers (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
    INSERT INTO numbers (name, last)
        VALUES ('grade', coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'grades'), 0));

    CREATE TABLE new_grades (
        student_id INTEGER NOT NULL REFERENCES students (id) ON DELETE CASCADE,
        id INTEGER NOT NULL,
        title TEXT NOT NULL,
        type TEXT NOT NULL,
        score REAL NOT NULL,
        PRIMARY KEY (student_id, id)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO new_grades (student_id, id, title, type, score)
        SELECT student_id, id, title, type, score FROM grades ORDER BY student_id, id;
    DROP TABLE grades;
    ALTER TABLE new_grades RENAME TO grades;

    CREATE TABLE new_history (
        id INTEGER PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        request_id TEXT NOT NULL,
        action TEXT NOT NULL,
        student_id INTEGER,
        grade_id INTEGER,
        before TEXT,
        after TEXT,
        undoes INTEGER
    ) STRICT;
    INSERT INTO new_history (id, at_ms, request_id, action, student_id, grade_id, before, after, undoes)
        SELECT id, at_ms, request_id, action, student_id, grade_id, before, after, undoes FROM history
        ORDER BY id;
    DROP TABLE history;
    ALTER TABLE new_history RENAME TO history;
    CREATE INDEX history_of_student ON history (student_id, id);
)";

// Answers in the order in which they were given, by a time of their own: it begins now, so that none that is
// there counts as old.
constexpr std::string_view answers_by_their_own_time = R"(
    CREATE TABLE new_answers (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        at_ms INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        fingerprint TEXT NOT NULL,
        status INTEGER NOT NULL,
        body TEXT NOT NULL,
        location TEXT NOT NULL,
        version INTEGER NOT NULL
    ) STRICT;
    INSERT INTO new_answers (key, at_ms, bytes, fingerprint, status, body, location, version)
        SELECT key, 0, 100 + length(CAST(key || fingerprint || body || location AS BLOB)), fingerprint,
               status, body, location, version
        FROM answers ORDER BY at_ms;
    DROP TABLE answers;
    ALTER TABLE new_answers RENAME TO answers;
    CREATE TABLE answer_book (
        clock_ms INTEGER NOT NULL,
        answers INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    ) STRICT;
    INSERT INTO answer_book (clock_ms, answers, bytes)
        SELECT 0, count(*), coalesce(sum(bytes), 0) FROM answers;
)";

}  // namespace

const sqlite::migrations& gradebook_schema() {
    static const sqlite::migrations steps{tables_and_seed, versions_and_history, grades_by_student,
                                          answers_by_their_own_time};
    return steps;
}

}  // namespace distd::grading
