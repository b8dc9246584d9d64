// All students in memory, and their cached JSON: each is serialised at most once per change, on demand. The
// store is authoritative; everything here has been committed. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "role/grading/core/commands.hpp"
#include "role/grading/core/roster.hpp"
#include "role/grading/core/student.hpp"
#include "role/grading/core/test_statistics.hpp"

namespace distd::grading {

// A JSON text shared by many answers, and its ETag.
struct document {
    std::shared_ptr<const std::string> text;
    std::string etag;
};

class grade_book_state {
public:
    grade_book_state() = default;
    explicit grade_book_state(std::vector<student>, type_weights = {});

    [[nodiscard]] bool has(std::int64_t id) const { return students_.contains(id); }
    [[nodiscard]] std::size_t size() const noexcept { return students_.size(); }
    [[nodiscard]] const document& all();                  // an array, by id
    [[nodiscard]] const document* find(std::int64_t id);  // null: unknown
    [[nodiscard]] const student* look_up(std::int64_t id) const;
    // The student with the lowest ID above `id`; null: none.
    [[nodiscard]] const student* next_after(std::int64_t id) const;

    // A page of students, and the number on all pages.
    struct selection {
        std::string text;
        std::string etag;
        std::size_t total = 0;
    };
    [[nodiscard]] selection select(const roster_query&);
    [[nodiscard]] const test_statistics& tests() const noexcept { return tests_; }
    [[nodiscard]] const type_weights& weights() const noexcept { return weights_; }

    // Applies a committed change, in the order of the commits.
    void apply(const change&);

private:
    struct page {
        student shown;
        running_average mean{};
        document body{};  // without text: not serialised yet
    };

    void follow(const student_saved&);
    void follow(const student_named&);
    void follow(const student_gone&);
    void follow(const grade_saved&);
    void follow(const grade_gone&);
    void follow(const weights_set&);
    void list(page&);
    void recount(page&);
    [[nodiscard]] page& touched(std::int64_t id, std::int64_t version);

    std::map<std::int64_t, page> students_;
    type_weights weights_;
    document all_;
    roster roster_;
    test_statistics tests_;
};

}  // namespace distd::grading
