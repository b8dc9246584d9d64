#include "role/grading/command_writer.hpp"

#include <distd/json.hpp>

#include "base/assert.hpp"
#include "role/grading/core/grade_rules.hpp"

namespace distd::grading {
namespace {

std::string path_of(std::int64_t student_id) { return "/students/" + std::to_string(student_id); }

outcome refused(command_status why, std::int64_t current_version = 0) {
    outcome o;
    o.is = why;
    o.current_version = current_version;
    return o;
}

// A student in the history, for a change that does not affect grades.
std::string name_record(const std::string& first, const std::string& last) {
    std::string text = R"({"FirstName":)";
    append_json_string(text, first);
    text += R"(,"LastName":)";
    append_json_string(text, last);
    return text + '}';
}

// For JSON written by this service.
template <class T>
T read_record(const std::string& text) {
    json_error error;
    auto value = from_json<T>(std::string_view(text), error);
    if (!value)
        throw store_error(errc::storage_failed,
                          "the history holds an entry that cannot be read: " + error.text);
    return *std::move(value);
}

full_name read_name(const std::string& text) { return validate_name(text).value.value_or(full_name{}); }

}  // namespace

void command_writer::begin() {
    auto row = db_.query("SELECT last FROM numbers WHERE name = 'grade'");
    last_kept_grade_ = row.next() ? row.integer(0) : 0;
    last_grade_ = last_kept_grade_;
    answers_.begin();
}

void command_writer::finish() {
    if (last_grade_ != last_kept_grade_)
        db_.execute("UPDATE numbers SET last = ? WHERE name = 'grade'", last_grade_);
    answers_.finish();
}

outcome command_writer::perform(const command& c, const origin& from) {
    if (auto earlier = answers_.find(from)) return *std::move(earlier);
    origin_ = &from;
    undoes_.reset();
    last_entry_ = 0;
    auto done = std::visit([this](const auto& known) { return run(known); }, c);
    if (done.is == command_status::done) {
        answers_.keep(done, from);
        done.revision = last_entry_;
    }
    return done;
}

// --- students

outcome command_writer::run(const add_student& c) {
    db_.execute("INSERT INTO students (first_name, last_name) VALUES (?, ?)", c.first_name, c.last_name);
    student added{db_.last_insert_id(), c.first_name, c.last_name, {}, 1};
    write({"student_added", added.id, {}, {}, name_record(c.first_name, c.last_name)});
    std::string body;
    append_wire(body, added, {});
    return {command_status::done, 201, std::move(body), path_of(added.id), 1, {student_saved{added}}};
}

outcome command_writer::run(const rename_student& c) {
    const auto before = find(c.id);
    if (const auto no = refusal(before, c.when)) return *no;
    db_.execute("UPDATE students SET first_name = ?, last_name = ? WHERE id = ?", c.first_name, c.last_name,
                c.id);
    const auto version = *bump(c.id);
    write({"student_changed",
           c.id,
           {},
           name_record(before->first_name, before->last_name),
           name_record(c.first_name, c.last_name)});
    std::string body;
    append_wire(body, {c.id, c.first_name, c.last_name, grades_of(c.id), version}, weights());
    return {command_status::done,
            200,
            std::move(body),
            {},
            version,
            {student_named{c.id, version, c.first_name, c.last_name}}};
}

outcome command_writer::run(const remove_student& c) {
    auto before = find(c.id);
    if (const auto no = refusal(before, c.when)) return *no;
    before->grades = grades_of(c.id);
    db_.execute("DELETE FROM students WHERE id = ?", c.id);
    write({"student_removed", c.id, {}, record_text(*before), {}});
    return {command_status::done, 204, {}, {}, 0, {student_gone{c.id}}};
}

// --- grades

outcome command_writer::run(const add_grade& c) {
    // Most grades are added without If-Match: then the update of the version shows whether the student
    // exists.
    if (c.when.versions)
        if (const auto no = refusal(find(c.student_id), c.when)) return *no;
    const auto version = bump(c.student_id);
    if (!version) return refused(command_status::no_student);
    auto added = c.value;
    added.id = ++last_grade_;
    insert(c.student_id, added);
    auto text = wire_text(added);
    write({"grade_added", c.student_id, added.id, {}, text});
    return {command_status::done,
            201,
            std::move(text),
            path_of(c.student_id) + "/grades/" + std::to_string(added.id),
            *version,
            {grade_saved{c.student_id, *version, added}}};
}

outcome command_writer::run(const change_grade& c) {
    const auto owner = find(c.student_id);
    if (const auto no = refusal(owner, c.when)) return *no;
    const auto before = find_grade(c.student_id, c.value.id);
    if (!before) return refused(command_status::no_grade);
    db_.execute("UPDATE grades SET title = ?, type = ?, score = ? WHERE student_id = ? AND id = ?",
                c.value.title, c.value.type, c.value.score, c.student_id, c.value.id);
    const auto version = *bump(c.student_id);
    auto text = wire_text(c.value);
    write({"grade_changed", c.student_id, c.value.id, wire_text(*before), text});
    return {command_status::done,
            200,
            std::move(text),
            {},
            version,
            {grade_saved{c.student_id, version, c.value}}};
}

outcome command_writer::run(const remove_grade& c) {
    const auto owner = find(c.student_id);
    if (const auto no = refusal(owner, c.when)) return *no;
    const auto before = find_grade(c.student_id, c.grade_id);
    if (!before) return refused(command_status::no_grade);
    db_.execute("DELETE FROM grades WHERE student_id = ? AND id = ?", c.student_id, c.grade_id);
    const auto version = *bump(c.student_id);
    write({"grade_removed", c.student_id, c.grade_id, wire_text(*before), {}});
    return {command_status::done, 204, {}, {}, version, {grade_gone{c.student_id, version, c.grade_id}}};
}

// --- weights

outcome command_writer::run(const set_weights& c) {
    const auto before = wire_text(weights());
    for (std::size_t i = 0; i < grade_types.size(); ++i)
        db_.execute("UPDATE weights SET weight = ? WHERE type = ?", c.weights.of[i], grade_types[i]);
    // The average of every student has changed.
    db_.execute("UPDATE students SET version = version + 1");
    auto text = wire_text(c.weights);
    write({"weights_changed", {}, {}, before, text});
    return {command_status::done, 200, std::move(text), {}, 0, {weights_set{c.weights}}};
}

type_weights command_writer::weights() {
    type_weights found;
    for (std::size_t i = 0; i < grade_types.size(); ++i) {
        auto row = db_.query("SELECT weight FROM weights WHERE type = ?", grade_types[i]);
        if (row.next()) found.of[i] = row.real(0);
    }
    return found;
}

std::int64_t command_writer::revision() {
    auto row = db_.query("SELECT max(id) FROM history");
    return row.next() ? row.integer(0) : 0;
}

// --- tables

outcome command_writer::run(const import_table& c) {
    if (revision() != c.revision) return refused(command_status::changed_since);
    sqlite::savepoint all_or_nothing(db_);
    std::map<std::size_t, std::int64_t> ids;
    for (const auto& step : c.steps)
        if (take_step(step, ids) != command_status::done) return refused(command_status::changed_since);
    all_or_nothing.keep();
    // Memory follows these changes through the history: a list of so many would take as much memory again.
    outcome done;
    done.body = c.answer;
    return done;
}

command_status command_writer::take_step(const import_step& step, std::map<std::size_t, std::int64_t>& ids) {
    auto id = step.student_id;
    if (id == 0) {
        const auto [at, is_first] = ids.try_emplace(step.new_student, 0);
        if (is_first) {
            const auto added = run(add_student{step.first_name, step.last_name});
            at->second = std::get<student_saved>(added.changes.front()).shown.id;
        }
        id = at->second;
    } else if (!step.first_name.empty()) {
        const auto said = run(rename_student{id, step.first_name, step.last_name});
        if (said.is != command_status::done) return said.is;
    }
    if (!step.value) return command_status::done;
    if (step.value->id == 0) return run(add_grade{id, *step.value}).is;
    return run(change_grade{id, *step.value}).is;
}

// --- undo: the opposite command, unless the result of the entry was changed again

outcome command_writer::run(const undo_entry& c) {
    kept_entry kept;
    {
        auto row = db_.query("SELECT action, student_id, grade_id, before, after FROM history WHERE id = ?",
                             c.entry);
        if (!row.next()) return refused(command_status::no_entry);
        kept = {std::string(row.text(0)), row.integer(1), row.integer(2), std::string(row.text(3)),
                std::string(row.text(4))};
    }
    undoes_ = c.entry;
    auto done = undo_of(kept);
    if (done.is == command_status::no_student || done.is == command_status::no_grade)
        return refused(command_status::changed_since);
    if (done.is != command_status::done) return done;
    done.status = 201;
    done.body =
        R"({"Entry":)" + std::to_string(last_entry_) + R"(,"Undoes":)" + std::to_string(c.entry) + '}';
    done.location = "/history?after=" + std::to_string(last_entry_ - 1) + "&limit=1";
    return done;
}

outcome command_writer::undo_of(const kept_entry& e) {
    if (e.action == "student_removed") return restore_student(e);
    if (e.action == "grade_removed") return restore_grade(e);
    if (e.action == "weights_changed") {
        if (wire_text(weights()) != e.after) return refused(command_status::changed_since);
        const auto earlier = validate_weights(e.before, {}).value;
        return run(set_weights{earlier.value_or(type_weights{})});
    }
    if (e.action == "student_added" || e.action == "student_changed") {
        const auto now = find(e.student_id);
        if (!now) return refused(command_status::changed_since);
        if (name_record(now->first_name, now->last_name) != e.after)
            return refused(command_status::changed_since);
        const auto earlier = read_name(e.before);
        if (e.action == "student_changed")
            return run(rename_student{e.student_id, earlier.first_name, earlier.last_name});
        if (!grades_of(e.student_id).empty()) return refused(command_status::changed_since);
        return run(remove_student{e.student_id});
    }
    if (e.action == "student_restored") {
        auto now = find(e.student_id);
        if (now) now->grades = grades_of(e.student_id);
        if (!now || record_text(*now) != e.after) return refused(command_status::changed_since);
        return run(remove_student{e.student_id});
    }
    const auto now = find_grade(e.student_id, e.grade_id);
    if (!now || wire_text(*now) != e.after) return refused(command_status::changed_since);
    if (e.action == "grade_added") return run(remove_grade{e.student_id, e.grade_id});
    DISTD_ASSERT(e.action == "grade_changed");
    return run(change_grade{e.student_id, read_record<grade>(e.before)});
}

outcome command_writer::restore_student(const kept_entry& e) {
    if (find(e.student_id)) return refused(command_status::changed_since);
    auto restored = read_record<student>(e.before);
    ++restored.version;
    db_.execute("INSERT INTO students (id, first_name, last_name, version) VALUES (?, ?, ?, ?)", restored.id,
                restored.first_name, restored.last_name, restored.version);
    for (const auto& g : restored.grades) insert(restored.id, g);
    write({"student_restored", restored.id, {}, {}, record_text(restored)});
    const auto version = restored.version;
    return {command_status::done, 201, {}, {}, version, {student_saved{std::move(restored)}}};
}

outcome command_writer::restore_grade(const kept_entry& e) {
    const auto owner = find(e.student_id);
    if (!owner || find_grade(e.student_id, e.grade_id)) return refused(command_status::changed_since);
    const auto restored = read_record<grade>(e.before);
    insert(e.student_id, restored);
    const auto version = *bump(e.student_id);
    write({"grade_added", e.student_id, restored.id, {}, wire_text(restored)});
    return {command_status::done, 201, {}, {}, version, {grade_saved{e.student_id, version, restored}}};
}

// --- rows

std::optional<student> command_writer::find(std::int64_t id) {
    auto row = db_.query("SELECT first_name, last_name, version FROM students WHERE id = ?", id);
    if (!row.next()) return std::nullopt;
    return student{id, std::string(row.text(0)), std::string(row.text(1)), {}, row.integer(2)};
}

std::optional<grade> command_writer::find_grade(std::int64_t student_id, std::int64_t grade_id) {
    auto row = db_.query("SELECT title, type, score FROM grades WHERE student_id = ? AND id = ?", student_id,
                         grade_id);
    if (!row.next()) return std::nullopt;
    return grade{std::string(row.text(0)), std::string(row.text(1)), row.real(2), grade_id};
}

std::vector<grade> command_writer::grades_of(std::int64_t student_id) {
    std::vector<grade> grades;
    auto row =
        db_.query("SELECT id, title, type, score FROM grades WHERE student_id = ? ORDER BY id", student_id);
    while (row.next())
        grades.push_back({std::string(row.text(1)), std::string(row.text(2)), row.real(3), row.integer(0)});
    return grades;
}

std::optional<outcome> command_writer::refusal(const std::optional<student>& s, const precondition& when) {
    if (!s) return refused(command_status::no_student);
    if (!when.admits(s->version)) return refused(command_status::stale, s->version);
    return std::nullopt;
}

// Two statements: RETURNING creates a temporary table each time, which takes longer than both.
std::optional<std::int64_t> command_writer::bump(std::int64_t student_id) {
    auto row = db_.query("SELECT version FROM students WHERE id = ?", student_id);
    if (!row.next()) return std::nullopt;
    const auto version = row.integer(0) + 1;
    db_.execute("UPDATE students SET version = ? WHERE id = ?", version, student_id);
    return version;
}

void command_writer::insert(std::int64_t student_id, const grade& g) {
    db_.execute("INSERT INTO grades (student_id, id, title, type, score) VALUES (?, ?, ?, ?, ?)", student_id,
                g.id, g.title, g.type, g.score);
}

void command_writer::write(const entry& e) {
    db_.execute(
        "INSERT INTO history (at_ms, request_id, action, student_id, grade_id, before, after, undoes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        origin_->at_ms, origin_->request_id, e.action, e.student_id, e.grade_id, e.before, e.after, undoes_);
    last_entry_ = db_.last_insert_id();
}

}  // namespace distd::grading
