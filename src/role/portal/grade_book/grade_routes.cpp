#include "role/portal/grade_book/grade_routes.hpp"

#include <utility>

#include "role/portal/grade_book/form_values.hpp"
#include "role/portal/grade_book/page_values.hpp"
#include "role/portal/grade_book/route_binding.hpp"
#include "wire/service_names.hpp"

namespace distd::portal {
namespace {

// Takes over what the service says about single fields.
void note_errors(grade_form& form, const refusal& said) {
    for (const auto& [name, detail] : said.errors) {
        if (name == "Title") form.errors.title = "The title " + detail + ".";
        if (name == "Type") form.errors.type = "The type " + detail + ".";
        if (name == "Score") form.errors.score = "The score " + detail + ".";
    }
    if (form.errors.any()) return;
    form.problem =
        "The grade was not stored: " +
        (said.detail.empty() ? std::string(wire::grading_service) + " did not accept it." : said.detail);
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
                   ". The history keeps it: the deletion can be undone there.";
    ask.action = url_of(s.id, g.id.value.value_or(0)) + "/delete";
    ask.version = s.version.value.value_or(0);
    ask.button = "Delete the grade";
    ask.back_url = url_of(s.id);
    return ask;
}

// The grade that a path names: /students/{id}/grades/{grade}/... What is no number is that of no grade.
struct grade_place {
    std::int64_t student;
    std::int64_t grade;
};
std::optional<grade_place> place_in(const http::request& q) {
    const auto student = parse_student_id(q.param("id"));
    if (!student) return std::nullopt;
    return grade_place{*student, parse_student_id(q.param("grade")).value_or(0)};
}

}  // namespace

grade_routes::grade_routes(service& s, const page_responder& responder, grading_client& grading)
    : service_(s), responder_(responder), grading_(grading) {}

void grade_routes::mount() {
    using form_kind = page_responder::form_kind;
    const auto get = [this](const char* path, auto member) { service_.get(path, bound(this, member)); };
    const auto post = [this](const char* path, auto member, form_kind kind = form_kind::plain) {
        service_.post(path, responder_.on_form(bound(this, member), kind), small_form);
    };
    post("/students/{id}/grades", &grade_routes::add, form_kind::for_programs);
    get("/students/{id}/grades/{grade}", &grade_routes::edit);
    post("/students/{id}/grades/{grade}", &grade_routes::change);
    get("/students/{id}/grades/{grade}/delete", &grade_routes::confirm_deletion);
    post("/students/{id}/grades/{grade}/delete", &grade_routes::remove);
}

task<http::response> grade_routes::show_student_again(int status, std::int64_t id, grade_form form,
                                                      http::request q) {
    const auto got = co_await grading_.find(id, q);
    if (got.value) {
        const auto csrf = responder_.csrf(q);
        co_return responder_.show(status, responder_.page().student_page(*got.value, form, csrf), csrf);
    }
    outage o;
    o.consequence = "The grade was not stored. What you typed is kept here.";
    o.student_id = id;
    o.form = std::move(form);
    co_return responder_.apologise(got.why, got.said.detail, std::move(o), q);
}

task<http::response> grade_routes::add(http::request q, kept_form sent) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return responder_.no_such_student(q);

    grade_form form;
    form.typed = typed_in(sent.fields);
    auto verdict = validate(form.typed, responder_.page().highest_score());
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
    co_return responder_.apologise(kept.why, kept.said.detail, std::move(o), q);
}

// The grade that the path names, of a service that lets it be changed.
task<grade_routes::named_grade> grade_routes::find_named(http::request q) {
    const auto place = place_in(q);
    if (!place) co_return named_grade{responder_.no_such_student(q), {}, {}};
    auto got = co_await grading_.find(place->student, q);
    if (!got.value)
        co_return named_grade{
            responder_.read_failed(got.why, got.said.detail, std::string(q.path()), q), {}, {}};
    if (!got.value->version.value) co_return named_grade{responder_.not_offered(q), {}, {}};
    const auto* found = find_grade(*got.value, place->grade);
    if (!found)
        co_return named_grade{
            responder_.message(404, "No such grade", full_name(*got.value) + " no longer has this grade.", q),
            {},
            {}};
    const auto value = *found;
    co_return named_grade{std::nullopt, *std::move(got.value), value};
}

task<http::response> grade_routes::edit(http::request q) {
    auto named = co_await find_named(q);
    if (named.instead) co_return *std::move(named.instead);
    grade_edit e{named.of.id, *named.value.id.value, full_name(named.of), *named.of.version.value, {}, {}};
    e.form.typed = as_typed(named.value);
    const auto csrf = responder_.csrf(q);
    co_return responder_.show(200, responder_.page().edit_grade(e, csrf), csrf);
}

task<http::response> grade_routes::change(http::request q, kept_form sent) {
    const auto place = place_in(q);
    if (!place) co_return responder_.no_such_student(q);

    auto when = version_in(sent.fields);
    grade_edit e{place->student, place->grade, {}, when.value_or(0), {}, {}};
    e.form.typed = typed_in(sent.fields);
    auto verdict = validate(e.form.typed, responder_.page().highest_score());
    e.form.errors = std::move(verdict.errors);
    if (!verdict.accepted) co_return co_await show_edit_again(std::move(e), q);

    for (int merges = 0;; ++merges) {
        auto kept = co_await grading_.change(place->student, place->grade, *verdict.accepted, when, q);
        if (kept.value) co_return http::response::redirect(303, url_of(place->student));
        if (kept.why == trouble::conflict) {
            if (merges == max_merges || !is_untouched(kept.said, place->grade))
                co_return co_await show_conflict(std::move(e), std::move(kept.said), q);
            when = kept.said.current->version.value;
            continue;
        }
        if (kept.why == trouble::not_found)
            co_return responder_.message(404, "No such grade", "Somebody deleted this grade meanwhile.", q);
        if (kept.why != trouble::refused)
            co_return responder_.change_failed(kept.why, kept.said.detail, std::move(sent), q);
        note_errors(e.form, kept.said);
        co_return co_await show_edit_again(std::move(e), q);
    }
}

task<http::response> grade_routes::show_edit_again(grade_edit e, http::request q) {
    const auto got = co_await grading_.find(e.student_id, q);
    if (!got.value) {
        kept_form sent{std::string(q.path()), read_form(q)};
        co_return responder_.change_failed(got.why, got.said.detail, std::move(sent), q);
    }
    e.student_name = full_name(*got.value);
    const auto csrf = responder_.csrf(q);
    co_return responder_.show(422, responder_.page().edit_grade(e, csrf), csrf);
}

task<http::response> grade_routes::show_conflict(grade_edit e, refusal said, http::request q) {
    if (!said.current) {
        auto got = co_await grading_.find(e.student_id, q);
        if (!got.value) {
            kept_form sent{std::string(q.path()), read_form(q)};
            co_return responder_.change_failed(got.why, got.said.detail, std::move(sent), q);
        }
        said.current = std::move(got.value);
    }
    const auto& now = *said.current;
    const auto csrf = responder_.csrf(q);
    const auto* theirs = find_grade(now, e.grade_id);
    if (!theirs) {
        e.form.problem =
            "Somebody else deleted this grade meanwhile. What you typed is kept here: you can add "
            "it as a new one.";
        co_return responder_.show(409, responder_.page().student_page(now, e.form, csrf), csrf);
    }
    e.student_name = full_name(now);
    e.version = now.version.value.value_or(0);
    e.theirs = *theirs;
    co_return responder_.show(409, responder_.page().edit_grade(e, csrf), csrf);
}

task<http::response> grade_routes::confirm_deletion(http::request q) {
    auto named = co_await find_named(q);
    if (named.instead) co_return *std::move(named.instead);
    co_return responder_.ask(200, about_grade(named.of, named.value), q);
}

task<http::response> grade_routes::remove(http::request q, kept_form sent) {
    const auto place = place_in(q);
    if (!place) co_return responder_.no_such_student(q);
    auto when = version_in(sent.fields);
    for (int merges = 0;; ++merges) {
        const auto gone = co_await grading_.remove(place->student, place->grade, when, q);
        // Who deleted it does not matter.
        if (gone.value || gone.why == trouble::not_found)
            co_return http::response::redirect(303, url_of(place->student));
        if (gone.why != trouble::conflict || !gone.said.current)
            co_return responder_.change_failed(gone.why, gone.said.detail, std::move(sent), q);
        const auto& now = *gone.said.current;
        const auto* g = find_grade(now, place->grade);
        if (!g) co_return http::response::redirect(303, url_of(place->student));
        if (merges == max_merges || !is_untouched(gone.said, place->grade)) {
            auto ask = about_grade(now, *g);
            ask.problem = "Somebody else changed this grade after you opened it. This is how it is now.";
            co_return responder_.ask(409, ask, q);
        }
        when = now.version.value;
    }
}

}  // namespace distd::portal
