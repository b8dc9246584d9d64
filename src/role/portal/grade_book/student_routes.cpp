#include "role/portal/grade_book/student_routes.hpp"

#include <algorithm>
#include <utility>

#include "role/portal/grade_book/form_values.hpp"
#include "role/portal/grade_book/page_values.hpp"
#include "role/portal/grade_book/route_binding.hpp"

namespace distd::portal {
namespace {

bool same_name(const student& a, const student& b) {
    return a.first_name == b.first_name && a.last_name == b.last_name;
}

question about_student(const student& s) {
    question ask;
    ask.heading = "Remove " + full_name(s) + "?";
    ask.sentence = "With the student go " + counted(s.grades.size(), "grade", "grades") +
                   ". The history keeps them: the removal can be undone there.";
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

student_routes::student_routes(service& s, const page_responder& responder, grading_client& grading)
    : service_(s), responder_(responder), grading_(grading) {}

void student_routes::mount() {
    const auto get = [this](const char* path, auto member) { service_.get(path, bound(this, member)); };
    const auto post = [this](const char* path, auto member) {
        service_.post(path, responder_.on_form(bound(this, member)), small_form);
    };
    get("/students", &student_routes::list);
    post("/students", &student_routes::enrol);
    service_.get("/students/new", [this](http::request q) { return ask_for_name(q); });
    get("/students/{id}", &student_routes::show);
    get("/students/{id}/name", &student_routes::edit_name);
    post("/students/{id}/name", &student_routes::rename);
    get("/students/{id}/delete", &student_routes::confirm_removal);
    post("/students/{id}/delete", &student_routes::remove_student);
    get("/students/{id}/history", &student_routes::history);
    post("/students/{id}/history/{entry}", &student_routes::undo);
}

// --- looking

task<http::response> student_routes::list(http::request q) {
    student_list_query asked;
    asked.search = search_in(q.query("q").value_or(""));
    asked.sort = known_order(q.query("sort").value_or(""));
    asked.page = std::min(number_in(q.query("page").value_or("")).value_or(1), max_pages);
    for (;;) {
        const auto question = asked.sort + ' ' + std::to_string(asked.page) + ' ' + asked.search;
        const auto known = lists_.find(question);
        auto got = co_await grading_.list(asked, q, known ? known->made_from : std::string());
        if (!got.value) {
            outage o;
            o.consequence = "The students cannot be shown until it is back.";
            o.retry_url = std::string(q.target());
            co_return responder_.apologise(got.why, got.said.detail, std::move(o), q);
        }
        if (got.value->is_known) co_return responder_.show(200, known->html);
        // Who asks for a page behind the last one, such as by an old bookmark, is shown the last one.
        if (const auto last = last_page(*got.value, asked); got.value->total && asked.page > last) {
            asked.page = last;
            continue;
        }
        auto html = responder_.page().students(*got.value, asked);
        if (!responder_.page().may_change()) lists_.keep(question, std::move(got.value->as_sent), html);
        co_return responder_.show(200, std::move(html));
    }
}

task<http::response> student_routes::show(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return responder_.no_such_student(q);
    const auto got = co_await grading_.find(*id, q);
    if (!got.value) {
        outage o;
        o.consequence = "The grades cannot be shown until it is back.";
        o.retry_url = url_of(*id);
        co_return responder_.apologise(got.why, got.said.detail, std::move(o), q);
    }
    const auto csrf = responder_.csrf(q);
    co_return responder_.show(200, responder_.page().student_page(*got.value, {}, csrf), csrf);
}

task<http::response> student_routes::history(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return responder_.no_such_student(q);
    co_return co_await show_history(200, *id, {}, q);
}

task<http::response> student_routes::show_history(int status, std::int64_t id, std::string problem,
                                                  http::request q) {
    auto got = co_await grading_.find(id, q);
    const bool is_removed = got.why == trouble::not_found;
    if (!got.value && !is_removed)
        co_return responder_.read_failed(got.why, got.said.detail, url_of(id) + "/history", q);
    const auto entries = co_await grading_.history(id, q);
    if (is_removed && (!entries.value || entries.value->empty())) co_return responder_.no_such_student(q);
    if (!entries.value)
        co_return responder_.read_failed(entries.why, entries.said.detail, url_of(id) + "/history", q);

    student who = got.value.value_or(student{id, {}, {}, {}});
    if (is_removed && entries.value->back().before) {
        who.first_name = entries.value->back().before->first_name;
        who.last_name = entries.value->back().before->last_name;
    }
    const auto csrf = responder_.csrf(q);
    co_return responder_.show(status, responder_.page().history(who, *entries.value, problem, csrf), csrf);
}

task<http::response> student_routes::undo(http::request q, kept_form sent) {
    const auto id = parse_student_id(q.param("id"));
    const auto entry = parse_student_id(q.param("entry"));
    if (!id || !entry) co_return responder_.no_such_student(q);
    auto key = key_for(sent.fields, sent.action);
    const auto done = co_await grading_.undo(*entry, std::move(key), q);
    if (done.value) co_return http::response::redirect(303, url_of(*id) + "/history");
    if (done.why == trouble::conflict || done.why == trouble::refused)
        co_return co_await show_history(409, *id, done.said.detail, q);
    if (done.why == trouble::not_found)
        co_return responder_.message(404, "No such entry", "The history has no such entry.", q);
    co_return responder_.change_failed(done.why, done.said.detail, std::move(sent), q);
}

// --- students

http::response student_routes::name_page(int status, const name_form& form, const http::request& q) const {
    const auto csrf = responder_.csrf(q);
    return responder_.show(status, responder_.page().edit_name(form, csrf), csrf);
}

http::response student_routes::ask_for_name(http::request q) { return name_page(200, {}, q); }

task<http::response> student_routes::enrol(http::request q, kept_form sent) {
    name_form form;
    form.typed = {field(sent.fields, "FirstName"), field(sent.fields, "LastName")};
    form.errors = validate(form.typed);
    if (!form.errors.first.empty() || !form.errors.last.empty()) co_return name_page(422, form, q);

    auto key = key_for(sent.fields, to_wire(form.typed.first, form.typed.last));
    const auto made = co_await grading_.enrol(form.typed.first, form.typed.last, std::move(key), q);
    if (made.value) co_return http::response::redirect(303, url_of(made.value->id));
    if (made.why != trouble::refused && made.why != trouble::conflict)
        co_return responder_.change_failed(made.why, made.said.detail, std::move(sent), q);
    form.problem = "The student was not added: " + made.said.detail;
    co_return name_page(422, form, q);
}

task<http::response> student_routes::edit_name(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return responder_.no_such_student(q);
    const auto got = co_await grading_.find(*id, q);
    if (!got.value) co_return responder_.read_failed(got.why, got.said.detail, std::string(q.path()), q);
    if (!got.value->version.value) co_return responder_.not_offered(q);
    name_form form;
    form.student_id = id;
    form.version = *got.value->version.value;
    form.typed = {got.value->first_name, got.value->last_name};
    co_return name_page(200, form, q);
}

task<http::response> student_routes::rename(http::request q, kept_form sent) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return responder_.no_such_student(q);
    auto when = version_in(sent.fields);
    name_form form;
    form.student_id = id;
    form.version = when.value_or(0);
    form.typed = {field(sent.fields, "FirstName"), field(sent.fields, "LastName")};
    form.errors = validate(form.typed);
    if (!form.errors.first.empty() || !form.errors.last.empty()) co_return name_page(422, form, q);

    for (int merges = 0;; ++merges) {
        const auto kept = co_await grading_.rename(*id, form.typed.first, form.typed.last, when, q);
        if (kept.value) co_return http::response::redirect(303, url_of(*id));
        if (kept.why == trouble::refused) {
            form.problem = "The name was not stored: " + kept.said.detail;
            co_return name_page(422, form, q);
        }
        if (kept.why != trouble::conflict || !kept.said.current)
            co_return responder_.change_failed(kept.why, kept.said.detail, std::move(sent), q);
        const auto& now = *kept.said.current;
        when = now.version.value;
        if (merges < max_merges && kept.said.yours && same_name(now, *kept.said.yours)) continue;
        form.version = when.value_or(0);
        form.theirs = typed_name{now.first_name, now.last_name};
        co_return name_page(409, form, q);
    }
}

task<http::response> student_routes::confirm_removal(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return responder_.no_such_student(q);
    const auto got = co_await grading_.find(*id, q);
    if (!got.value) co_return responder_.read_failed(got.why, got.said.detail, std::string(q.path()), q);
    if (!got.value->version.value) co_return responder_.not_offered(q);
    co_return responder_.ask(200, about_student(*got.value), q);
}

task<http::response> student_routes::remove_student(http::request q, kept_form sent) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return responder_.no_such_student(q);
    const auto gone = co_await grading_.remove_student(*id, version_in(sent.fields), q);
    // Who removed the student does not matter; the history is where it can be undone.
    if (gone.value || gone.why == trouble::not_found)
        co_return http::response::redirect(303, url_of(*id) + "/history");
    if (gone.why != trouble::conflict || !gone.said.current)
        co_return responder_.change_failed(gone.why, gone.said.detail, std::move(sent), q);
    auto ask = about_student(*gone.said.current);
    ask.problem = "Somebody else changed this student after you opened the page. This is how it is now.";
    co_return responder_.ask(409, ask, q);
}

}  // namespace distd::portal
