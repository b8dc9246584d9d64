#include "role/portal/student_routes.hpp"

#include <utility>

#include "role/portal/form_values.hpp"
#include "role/portal/page_values.hpp"

namespace distd::portal {
namespace {

const http::route_options small_form{.body_limit = 64 * 1024};
constexpr int most_merges = 3;  // with changes to the student's other grades, before the visitor is asked

// Takes over what the service says about single fields.
void note_errors(grade_form& form, const refusal& said) {
    for (const auto& [name, detail] : said.errors) {
        if (name == "Title") form.errors.title = "The title " + detail + ".";
        if (name == "Type") form.errors.type = "The type " + detail + ".";
        if (name == "Score") form.errors.score = "The score " + detail + ".";
    }
    if (form.errors.any()) return;
    form.problem = "The grade was not stored: " +
                   (said.detail.empty() ? std::string(grading_service) + " did not take it." : said.detail);
}

bool same_name(const student& a, const student& b) {
    return a.first_name == b.first_name && a.last_name == b.last_name;
}

// Whether the grade is as it was in the version that the change was made for: then only another one changed.
bool is_untouched(const refusal& said, std::int64_t grade_id) {
    if (!said.current || !said.yours) return false;
    const auto* now = find_grade(*said.current, grade_id);
    const auto* then = find_grade(*said.yours, grade_id);
    return now && then && same_content(*now, *then);
}

question about_grade(const student& s, const grade& g) {
    question ask;
    ask.heading = "Delete this grade?";
    ask.sentence = g.title + " (" + g.type + "), " + as_score(g.score) + ", of " + full_name(s) +
                   ". The history keeps it: deleting can be undone there.";
    ask.action = url_of(s.id, g.id.value.value_or(0)) + "/delete";
    ask.version = s.version.value.value_or(0);
    ask.button = "Delete the grade";
    ask.back_url = url_of(s.id);
    return ask;
}

question about_student(const student& s) {
    question ask;
    ask.heading = "Remove " + full_name(s) + "?";
    ask.sentence = "With the student go " + counted(s.grades.size(), "grade", "grades") +
                   ". The history keeps them: removing can be undone there.";
    ask.action = url_of(s.id) + "/delete";
    ask.version = s.version.value.value_or(0);
    ask.button = "Remove the student";
    ask.back_url = url_of(s.id);
    return ask;
}

std::string known_order(std::string sort) {
    for (const auto* known : {"name", "-name", "average", "-average", "id", "-id"})
        if (sort == known) return sort;
    return "name";
}

}  // namespace

student_routes::student_routes(service& s, const front_desk& desk, grading_client& grading)
    : service_(s), desk_(desk), grading_(grading) {}

void student_routes::mount() {
    using member = task<http::response> (student_routes::*)(http::request);
    const auto bound = [this](member m) { return [this, m](http::request q) { return (this->*m)(q); }; };
    const auto get = [&](const char* path, member m) { service_.get(path, bound(m)); };
    const auto post = [&](const char* path, member m) { service_.post(path, bound(m), small_form); };
    get("/students", &student_routes::list);
    post("/students", &student_routes::enrol);
    service_.get("/students/new", [this](http::request q) { return ask_for_name(q); });
    get("/students/{id}", &student_routes::show);
    get("/students/{id}/name", &student_routes::edit_name);
    post("/students/{id}/name", &student_routes::rename);
    get("/students/{id}/delete", &student_routes::ask_to_expel);
    post("/students/{id}/delete", &student_routes::expel);
    get("/students/{id}/history", &student_routes::history);
    post("/students/{id}/history/{entry}", &student_routes::undo);
    post("/students/{id}/grades", &student_routes::add_grade);
    get("/students/{id}/grades/{grade}", &student_routes::edit_grade);
    post("/students/{id}/grades/{grade}", &student_routes::change_grade);
    get("/students/{id}/grades/{grade}/delete", &student_routes::ask_to_delete_grade);
    post("/students/{id}/grades/{grade}/delete", &student_routes::delete_grade);
}

// --- looking

task<http::response> student_routes::list(http::request q) {
    listing_query asked;
    asked.search = search_in(q.query("q").value_or(""));
    asked.sort = known_order(q.query("sort").value_or(""));
    asked.page = number_in(q.query("page").value_or("")).value_or(1);
    const auto question = asked.sort + ' ' + std::to_string(asked.page) + ' ' + asked.search;
    const auto known = lists_.find(question);
    auto got = co_await grading_.list(asked, q, known ? known->made_from : std::string());
    if (got.value && got.value->is_known) co_return desk_.show(200, known->html);
    if (got.value) {
        auto html = desk_.page().students(*got.value, asked);
        if (!desk_.page().may_change()) lists_.keep(question, std::move(got.value->as_sent), html);
        co_return desk_.show(200, std::move(html));
    }
    outage o;
    o.consequence = "The students cannot be shown until it is back.";
    o.retry_url = std::string(q.target());
    co_return desk_.apologise(got.why, got.said.detail, std::move(o), q);
}

task<http::response> student_routes::show(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return desk_.no_such_student(q);
    const auto got = co_await grading_.find(*id, q);
    if (!got.value) {
        outage o;
        o.consequence = "The grades cannot be shown until it is back.";
        o.retry_url = url_of(*id);
        co_return desk_.apologise(got.why, got.said.detail, std::move(o), q);
    }
    const auto seal = desk_.seal(q);
    co_return desk_.show(200, desk_.page().student_page(*got.value, {}, seal), seal);
}

task<http::response> student_routes::show_student_again(int status, std::int64_t id, grade_form form,
                                                        http::request q) {
    const auto got = co_await grading_.find(id, q);
    if (got.value) {
        const auto seal = desk_.seal(q);
        co_return desk_.show(status, desk_.page().student_page(*got.value, form, seal), seal);
    }
    outage o;
    o.consequence = "The grade was not stored. What you typed is kept here.";
    o.student_id = id;
    o.form = std::move(form);
    co_return desk_.apologise(got.why, got.said.detail, std::move(o), q);
}

task<http::response> student_routes::history(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return desk_.no_such_student(q);
    co_return co_await show_history(200, *id, {}, q);
}

task<http::response> student_routes::show_history(int status, std::int64_t id, std::string problem,
                                                  http::request q) {
    auto got = co_await grading_.find(id, q);
    const bool is_removed = got.why == trouble::not_found;
    if (!got.value && !is_removed)
        co_return desk_.cannot_show(got.why, got.said.detail, url_of(id) + "/history", q);
    const auto entries = co_await grading_.history(id, q);
    if (is_removed && (!entries.value || entries.value->empty())) co_return desk_.no_such_student(q);
    if (!entries.value)
        co_return desk_.cannot_show(entries.why, entries.said.detail, url_of(id) + "/history", q);

    student who = got.value.value_or(student{id, {}, {}, {}});
    if (is_removed && entries.value->back().before) {
        who.first_name = entries.value->back().before->first_name;
        who.last_name = entries.value->back().before->last_name;
    }
    const auto seal = desk_.seal(q);
    co_return desk_.show(status, desk_.page().history(who, *entries.value, problem, seal), seal);
}

// --- grades

task<http::response> student_routes::add_grade(http::request q) {
    kept_form sent{std::string(q.path()), read_form(q)};
    if (auto no = desk_.refuse(q, sent, true)) co_return *std::move(no);
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return desk_.no_such_student(q);

    grade_form form;
    form.typed = typed_in(sent.fields);
    auto verdict = judge(form.typed, desk_.page().highest_score());
    form.errors = std::move(verdict.errors);
    if (!verdict.accepted) co_return co_await show_student_again(422, *id, std::move(form), q);

    auto key = key_for(sent.fields, to_wire(*verdict.accepted));
    const auto kept = co_await grading_.add(*id, *std::move(verdict.accepted), std::move(key), q);
    if (kept.value) co_return http::response::redirect(303, url_of(*id));
    if (kept.why == trouble::refused || kept.why == trouble::conflict) {
        note_errors(form, kept.said);
        co_return co_await show_student_again(422, *id, std::move(form), q);
    }
    outage o;
    o.consequence =
        kept.why == trouble::unsure || kept.why == trouble::broken
            ? "It is not known whether the grade was stored: look at the student’s page before you try again."
            : "The grade was not stored. What you typed is kept here.";
    o.student_id = id;
    o.form = std::move(form);
    co_return desk_.apologise(kept.why, kept.said.detail, std::move(o), q);
}

// The grade that the path names, of a service that lets it be changed.
task<student_routes::named_grade> student_routes::find_named(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    const auto grade_id = parse_student_id(q.param("grade"));
    if (!id || !grade_id) co_return named_grade{desk_.no_such_student(q), {}, {}};
    auto got = co_await grading_.find(*id, q);
    if (!got.value)
        co_return named_grade{desk_.cannot_show(got.why, got.said.detail, std::string(q.path()), q), {}, {}};
    if (!got.value->version.value) co_return named_grade{desk_.not_offered(q), {}, {}};
    const auto* found = find_grade(*got.value, *grade_id);
    if (!found)
        co_return named_grade{
            desk_.message(404, "No such grade", full_name(*got.value) + " has no such grade any more.", q),
            {},
            {}};
    const auto value = *found;
    co_return named_grade{std::nullopt, *std::move(got.value), value};
}

task<http::response> student_routes::edit_grade(http::request q) {
    auto named = co_await find_named(q);
    if (named.instead) co_return *std::move(named.instead);
    grade_edit e{named.of.id, *named.value.id.value, full_name(named.of), *named.of.version.value, {}, {}};
    e.form.typed = as_typed(named.value);
    const auto seal = desk_.seal(q);
    co_return desk_.show(200, desk_.page().edit_grade(e, seal), seal);
}

task<http::response> student_routes::change_grade(http::request q) {
    kept_form sent{std::string(q.path()), read_form(q)};
    if (auto no = desk_.refuse(q, sent)) co_return *std::move(no);
    const auto id = parse_student_id(q.param("id"));
    const auto grade_id = parse_student_id(q.param("grade"));
    if (!id || !grade_id) co_return desk_.no_such_student(q);

    auto when = version_in(sent.fields);
    grade_edit e{*id, *grade_id, {}, when.value_or(0), {}, {}};
    e.form.typed = typed_in(sent.fields);
    auto verdict = judge(e.form.typed, desk_.page().highest_score());
    e.form.errors = std::move(verdict.errors);
    if (!verdict.accepted) co_return co_await show_edit_again(std::move(e), q);

    for (int merges = 0;; ++merges) {
        auto kept = co_await grading_.change(*id, *grade_id, *verdict.accepted, when, q);
        if (kept.value) co_return http::response::redirect(303, url_of(*id));
        if (kept.why == trouble::conflict) {
            if (merges == most_merges || !is_untouched(kept.said, *grade_id))
                co_return co_await show_both(std::move(e), std::move(kept.said), q);
            when = kept.said.current->version.value;
            continue;
        }
        if (kept.why == trouble::not_found)
            co_return desk_.message(404, "No such grade", "Somebody deleted this grade meanwhile.", q);
        if (kept.why != trouble::refused)
            co_return desk_.cannot_change(kept.why, kept.said.detail, std::move(sent), q);
        note_errors(e.form, kept.said);
        co_return co_await show_edit_again(std::move(e), q);
    }
}

task<http::response> student_routes::show_edit_again(grade_edit e, http::request q) {
    const auto got = co_await grading_.find(e.student_id, q);
    if (!got.value) {
        kept_form sent{std::string(q.path()), read_form(q)};
        co_return desk_.cannot_change(got.why, got.said.detail, std::move(sent), q);
    }
    e.student_name = full_name(*got.value);
    const auto seal = desk_.seal(q);
    co_return desk_.show(422, desk_.page().edit_grade(e, seal), seal);
}

task<http::response> student_routes::show_both(grade_edit e, refusal said, http::request q) {
    if (!said.current) {
        auto got = co_await grading_.find(e.student_id, q);
        if (!got.value) {
            kept_form sent{std::string(q.path()), read_form(q)};
            co_return desk_.cannot_change(got.why, got.said.detail, std::move(sent), q);
        }
        said.current = std::move(got.value);
    }
    const auto& now = *said.current;
    const auto seal = desk_.seal(q);
    const auto* theirs = find_grade(now, e.grade_id);
    if (!theirs) {
        e.form.problem =
            "Somebody else deleted this grade meanwhile. What you typed stands here: you can add "
            "it as a new one.";
        co_return desk_.show(409, desk_.page().student_page(now, e.form, seal), seal);
    }
    e.student_name = full_name(now);
    e.version = now.version.value.value_or(0);
    e.theirs = *theirs;
    co_return desk_.show(409, desk_.page().edit_grade(e, seal), seal);
}

http::response student_routes::question_page(int status, const question& ask, const http::request& q) const {
    const auto seal = desk_.seal(q);
    return desk_.show(status, desk_.page().ask(ask, seal), seal);
}

task<http::response> student_routes::ask_to_delete_grade(http::request q) {
    auto named = co_await find_named(q);
    if (named.instead) co_return *std::move(named.instead);
    co_return question_page(200, about_grade(named.of, named.value), q);
}

task<http::response> student_routes::delete_grade(http::request q) {
    kept_form sent{std::string(q.path()), read_form(q)};
    if (auto no = desk_.refuse(q, sent)) co_return *std::move(no);
    const auto id = parse_student_id(q.param("id"));
    const auto grade_id = parse_student_id(q.param("grade"));
    if (!id || !grade_id) co_return desk_.no_such_student(q);
    auto when = version_in(sent.fields);
    for (int merges = 0;; ++merges) {
        const auto gone = co_await grading_.remove(*id, *grade_id, when, q);
        // Who deleted it does not matter.
        if (gone.value || gone.why == trouble::not_found)
            co_return http::response::redirect(303, url_of(*id));
        if (gone.why != trouble::conflict || !gone.said.current)
            co_return desk_.cannot_change(gone.why, gone.said.detail, std::move(sent), q);
        const auto& now = *gone.said.current;
        const auto* g = find_grade(now, *grade_id);
        if (!g) co_return http::response::redirect(303, url_of(*id));
        if (merges == most_merges || !is_untouched(gone.said, *grade_id)) {
            auto ask = about_grade(now, *g);
            ask.problem = "Somebody else changed this grade after you opened it. This is how it is now.";
            co_return question_page(409, ask, q);
        }
        when = now.version.value;
    }
}

task<http::response> student_routes::undo(http::request q) {
    kept_form sent{std::string(q.path()), read_form(q)};
    if (auto no = desk_.refuse(q, sent)) co_return *std::move(no);
    const auto id = parse_student_id(q.param("id"));
    const auto entry = parse_student_id(q.param("entry"));
    if (!id || !entry) co_return desk_.no_such_student(q);
    const auto done = co_await grading_.undo(*entry, q);
    if (done.value) co_return http::response::redirect(303, url_of(*id) + "/history");
    if (done.why == trouble::conflict || done.why == trouble::refused)
        co_return co_await show_history(409, *id, done.said.detail, q);
    co_return desk_.cannot_change(done.why, done.said.detail, std::move(sent), q);
}

// --- students

http::response student_routes::name_page(int status, const name_form& form, const http::request& q) const {
    const auto seal = desk_.seal(q);
    return desk_.show(status, desk_.page().edit_name(form, seal), seal);
}

http::response student_routes::ask_for_name(http::request q) { return name_page(200, {}, q); }

task<http::response> student_routes::enrol(http::request q) {
    kept_form sent{std::string(q.path()), read_form(q)};
    if (auto no = desk_.refuse(q, sent)) co_return *std::move(no);
    name_form form;
    form.typed = {field(sent.fields, "FirstName"), field(sent.fields, "LastName")};
    form.errors = judge(form.typed);
    if (!form.errors.first.empty() || !form.errors.last.empty()) co_return name_page(422, form, q);

    auto key = key_for(sent.fields, to_wire(form.typed.first, form.typed.last));
    const auto made = co_await grading_.enrol(form.typed.first, form.typed.last, std::move(key), q);
    if (made.value) co_return http::response::redirect(303, url_of(made.value->id));
    if (made.why != trouble::refused && made.why != trouble::conflict)
        co_return desk_.cannot_change(made.why, made.said.detail, std::move(sent), q);
    form.problem = "The student was not added: " + made.said.detail;
    co_return name_page(422, form, q);
}

task<http::response> student_routes::edit_name(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return desk_.no_such_student(q);
    const auto got = co_await grading_.find(*id, q);
    if (!got.value) co_return desk_.cannot_show(got.why, got.said.detail, std::string(q.path()), q);
    if (!got.value->version.value) co_return desk_.not_offered(q);
    name_form form;
    form.student_id = id;
    form.version = *got.value->version.value;
    form.typed = {got.value->first_name, got.value->last_name};
    co_return name_page(200, form, q);
}

task<http::response> student_routes::rename(http::request q) {
    kept_form sent{std::string(q.path()), read_form(q)};
    if (auto no = desk_.refuse(q, sent)) co_return *std::move(no);
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return desk_.no_such_student(q);
    auto when = version_in(sent.fields);
    name_form form;
    form.student_id = id;
    form.version = when.value_or(0);
    form.typed = {field(sent.fields, "FirstName"), field(sent.fields, "LastName")};
    form.errors = judge(form.typed);
    if (!form.errors.first.empty() || !form.errors.last.empty()) co_return name_page(422, form, q);

    for (int merges = 0;; ++merges) {
        const auto kept = co_await grading_.rename(*id, form.typed.first, form.typed.last, when, q);
        if (kept.value) co_return http::response::redirect(303, url_of(*id));
        if (kept.why == trouble::refused) {
            form.problem = "The name was not stored: " + kept.said.detail;
            co_return name_page(422, form, q);
        }
        if (kept.why != trouble::conflict || !kept.said.current)
            co_return desk_.cannot_change(kept.why, kept.said.detail, std::move(sent), q);
        const auto& now = *kept.said.current;
        when = now.version.value;
        if (merges < most_merges && kept.said.yours && same_name(now, *kept.said.yours)) continue;
        form.version = when.value_or(0);
        form.theirs = typed_name{now.first_name, now.last_name};
        co_return name_page(409, form, q);
    }
}

task<http::response> student_routes::ask_to_expel(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return desk_.no_such_student(q);
    const auto got = co_await grading_.find(*id, q);
    if (!got.value) co_return desk_.cannot_show(got.why, got.said.detail, std::string(q.path()), q);
    if (!got.value->version.value) co_return desk_.not_offered(q);
    co_return question_page(200, about_student(*got.value), q);
}

task<http::response> student_routes::expel(http::request q) {
    kept_form sent{std::string(q.path()), read_form(q)};
    if (auto no = desk_.refuse(q, sent)) co_return *std::move(no);
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return desk_.no_such_student(q);
    const auto gone = co_await grading_.expel(*id, version_in(sent.fields), q);
    // The history is where it can be undone.
    if (gone.value) co_return http::response::redirect(303, url_of(*id) + "/history");
    if (gone.why != trouble::conflict || !gone.said.current)
        co_return desk_.cannot_change(gone.why, gone.said.detail, std::move(sent), q);
    auto ask = about_student(*gone.said.current);
    ask.problem = "Somebody else changed this student after you opened the page. This is how it is now.";
    co_return question_page(409, ask, q);
}

}  // namespace distd::portal
