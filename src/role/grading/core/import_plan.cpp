#include "role/grading/core/import_plan.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "base/parse_number.hpp"
#include "base/utf8.hpp"

namespace distd::grading {
namespace {

enum column : std::size_t { student_id, first_name, last_name, grade_id, title, type, score };

std::string name_key(std::string_view first, std::string_view last) {
    return std::string(first) + '\n' + std::string(last);
}

}  // namespace

import_plan::import_plan(const grade_book_state& book, grade_limits limits) : book_(book), limits_(limits) {}

bool import_plan::learn_names() {
    constexpr int names_at_once = 2000;
    for (int i = 0; i < names_at_once; ++i) {
        const auto* s = book_.next_after(learned_);
        if (!s) return false;
        by_name_[name_key(s->first_name, s->last_name)].push_back(s->id);
        learned_ = s->id;
    }
    return true;
}

void import_plan::feed(std::string_view piece) {
    content_.add(piece);
    if (!error_.empty()) return;
    for (const auto& r : reader_.feed(piece)) take(r);
    if (error_.empty()) error_ = reader_.error();
}

void import_plan::finish() {
    if (!error_.empty()) return;
    for (const auto& r : reader_.finish()) take(r);
    if (error_.empty()) error_ = reader_.error();
    if (error_.empty() && !columns_) error_ = "the first line must name the columns";
}

void import_plan::take(const csv_reader::record& r) {
    if (!error_.empty()) return;
    if (!columns_) return take_head(r);
    if (++lines_ > max_import_lines) {
        error_ = "there are more than " + std::to_string(max_import_lines) + " lines; import it in parts";
        return;
    }
    if (r.cells.size() > width_) {
        // Otherwise the score 87,5 would become 87.
        ++rejected_;
        return report(r.line, "rejected",
                      "more cells than columns: a comma inside a cell needs quotes around it, and "
                      "the decimal separator is a point");
    }
    cells c;
    for (std::size_t i = 0; i < table_columns.size(); ++i) {
        const auto at = (*columns_)[i];
        if (at < r.cells.size()) c.of[i] = plain_cell(r.cells[at]);
    }
    plan_line(r.line, c);
}

void import_plan::take_head(const csv_reader::record& r) {
    std::array<std::size_t, table_columns.size()> found{};
    found.fill(SIZE_MAX);
    for (std::size_t at = 0; at < r.cells.size(); ++at) {
        for (std::size_t i = 0; i < table_columns.size(); ++i) {
            if (!same_field_name(r.cells[at], table_columns[i])) continue;
            if (found[i] != SIZE_MAX)
                error_ = "line " + std::to_string(r.line) + ": the column " + std::string(table_columns[i]) +
                         " occurs twice";
            found[i] = at;
        }
    }
    width_ = r.cells.size();
    const bool has_semicolons = width_ == 1 && r.cells[0].find(';') != std::string::npos;
    const bool names = found[first_name] != SIZE_MAX && found[last_name] != SIZE_MAX;
    if (!names && found[student_id] == SIZE_MAX)
        error_ = "line " + std::to_string(r.line) +
                 (has_semicolons ? ": the cells must be separated by commas, not by semicolons"
                                 : ": the columns must have StudentID, or FirstName and LastName");
    columns_ = found;
}

void import_plan::plan_line(std::size_t line, const cells& c) {
    import_step step;
    const student* known = nullptr;
    auto wrong = find_student(c, step, known);
    if (wrong.empty()) wrong = validate_name(c, step, known);
    if (wrong.empty()) wrong = validate_grade(c, step, known);
    if (!wrong.empty()) {
        ++rejected_;
        return report(line, "rejected", wrong);
    }
    bool is_new = false;
    if (!known) {
        const auto number = new_students_.size();
        const auto [at, first] = new_students_.try_emplace(name_key(step.first_name, step.last_name), number);
        step.new_student = at->second;
        is_new = first;
    }
    const bool adds = is_new || (step.value && step.value->id == 0);
    const bool changes = (known && !step.first_name.empty()) || (step.value && step.value->id != 0);
    if (!adds && !changes) {
        ++unchanged_;
        return;
    }
    ++(adds ? added_ : changed_);
    const auto what = is_new && step.value                              ? "a student and a grade"
                      : is_new                                          ? "a student"
                      : step.value && known && !step.first_name.empty() ? "a name and a grade"
                      : step.value                                      ? "a grade"
                                                                        : "a name";
    report(line, adds ? "added" : "changed", what);
    steps_.push_back(std::move(step));
}

std::string import_plan::find_student(const cells& c, import_step& step, const student*& known) {
    if (!c.of[student_id].empty()) {
        const auto id = parse_number<std::int64_t>(c.of[student_id]);
        known = id ? book_.look_up(*id) : nullptr;
        if (!known) return "StudentID: there is no such student";
        step.student_id = known->id;
        return {};
    }
    const auto same = by_name_.find(name_key(c.of[first_name], c.of[last_name]));
    if (same == by_name_.end()) return {};
    if (same->second.size() > 1) return "StudentID is required: several students have this name";
    known = book_.look_up(same->second.front());
    if (!known) return "the student was removed meanwhile";
    step.student_id = known->id;
    return {};
}

std::string import_plan::validate_name(const cells& c, import_step& step, const student* known) {
    const auto& first = c.of[first_name];
    const auto& last = c.of[last_name];
    if (known && first.empty() && last.empty()) return {};
    if (known && first == known->first_name && last == known->last_name) return {};
    if (!is_utf8(first)) return "FirstName is not UTF-8";
    if (!is_utf8(last)) return "LastName is not UTF-8";
    if (const auto wrong = name_error(first); !wrong.empty()) return "FirstName " + wrong;
    if (const auto wrong = name_error(last); !wrong.empty()) return "LastName " + wrong;
    step.first_name = first;
    step.last_name = last;
    return {};
}

std::string import_plan::validate_grade(const cells& c, import_step& step, const student* known) {
    const bool is_empty = c.of[title].empty() && c.of[type].empty() && c.of[score].empty();
    if (is_empty) return c.of[grade_id].empty() ? std::string() : "Title, Type and Score are missing";
    grade g;
    if (!is_utf8(c.of[title])) return "Title is not UTF-8";
    if (const auto wrong = title_error(c.of[title]); !wrong.empty()) return "Title " + wrong;
    g.title = c.of[title];
    const auto wanted = known_type(c.of[type]);
    if (!wanted) return "Type " + type_error();
    g.type = *wanted;
    const auto points = parse_number<double>(c.of[score]);
    if (!points) return "Score must be a number such as 85 or 87.5";
    if (const auto wrong = score_error(*points, limits_); !wrong.empty()) return "Score " + wrong;
    g.score = *points == 0 ? 0 : *points;
    if (!c.of[grade_id].empty()) {
        const auto id = parse_number<std::int64_t>(c.of[grade_id]);
        const auto none = [&] { return std::string("GradeID: the student has no such grade"); };
        if (!known || !id) return none();
        const auto at = std::find_if(known->grades.begin(), known->grades.end(),
                                     [&](const grade& has) { return has.id == *id; });
        if (at == known->grades.end()) return none();
        g.id = *id;
        if (*at == g) return {};
    }
    step.value = std::move(g);
    return {};
}

void import_plan::report(std::size_t line, std::string_view outcome, std::string_view detail) {
    if (!report_.empty()) report_ += ',';
    report_ += R"({"Line":)" + std::to_string(line) + R"(,"Outcome":")";
    report_ += outcome;
    report_ += R"(","Detail":)";
    append_json_string(report_, detail);
    report_ += '}';
}

// The report may have megabytes: it is completed in place.
std::string import_plan::take_wire_text(std::string_view token) {
    const auto head = R"({"Lines":)" + std::to_string(lines_) + R"(,"Added":)" + std::to_string(added_) +
                      R"(,"Changed":)" + std::to_string(changed_) + R"(,"Unchanged":)" +
                      std::to_string(unchanged_) + R"(,"Rejected":)" + std::to_string(rejected_);
    report_.insert(0, head + R"(,"Report":[)");
    report_ += ']';
    if (!token.empty()) report_ += R"(,"Token":")" + std::string(token) + '"';
    report_ += '}';
    return std::move(report_);
}

}  // namespace distd::grading
