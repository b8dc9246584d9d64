#include "role/portal/grade_book/test_routes.hpp"

#include <algorithm>
#include <utility>

#include "http/message/url.hpp"
#include "role/portal/grade_book/form_values.hpp"
#include "role/portal/grade_book/page_values.hpp"
#include "role/portal/grade_book/table_text.hpp"
#include "role/web/page_headers.hpp"

namespace distd::portal {
namespace {

const http::route_options sheet_form{.body_limit = 256 * 1024};
const http::route_options table_form{.body_limit = max_table + max_table / 2};

bool is_away(trouble why) {
    return why == trouble::missing || why == trouble::silent || why == trouble::unsure ||
           why == trouble::broken;
}

// The sheet as a form again, with what was stored meanwhile.
kept_form as_form(const score_sheet& sheet, const form_fields& sent) {
    kept_form form{"/tests/enter",
                   {{"Title", sheet.title},
                    {"Type", sheet.type},
                    {"Search", sheet.search},
                    {"Step", field(sent, "Step")}}};
    for (const auto& [id, row] : sheet.rows) {
        const bool is_stored = !row.stored.empty();
        form.fields.emplace_back((is_stored ? "Stored-" : "Score-") + std::to_string(id),
                                 is_stored ? row.stored : row.typed);
    }
    return form;
}

}  // namespace

test_routes::test_routes(service& s, const page_responder& responder, grading_client& grading)
    : service_(s), responder_(responder), grading_(grading) {}

void test_routes::mount() {
    using form_member = task<http::response> (test_routes::*)(http::request, kept_form);
    using form_kind = page_responder::form_kind;
    const auto on_form = [&](form_member m, form_kind kind) {
        auto handle = [this, m](http::request q, kept_form sent) {
            return (this->*m)(std::move(q), std::move(sent));
        };
        return responder_.on_form(std::move(handle), kind);
    };
    service_.get("/tests", [this](http::request q) { return tests(q); })
        .get("/tests/distribution", [this](http::request q) { return distribution(q); })
        .get("/tests/enter", [this](http::request q) { return empty_sheet(q); })
        .post("/tests/enter", on_form(&test_routes::take_sheet, form_kind::plain), sheet_form)
        .get("/export.csv", [this](http::request q) { return export_table(q); })
        .get("/import", [this](http::request q) { return choose_table(q); })
        .get("/import/done", [this](http::request q) { return imported(q); })
        .post("/import", on_form(&test_routes::preview, form_kind::table), table_form)
        .post("/import/confirm", on_form(&test_routes::confirm, form_kind::table), table_form);
}

// --- figures

task<http::response> test_routes::tests(http::request q) {
    const auto got = co_await grading_.tests(q);
    if (got.value) co_return responder_.show(200, responder_.page().tests(*got.value, true));
    if (got.why == trouble::not_offered) co_return responder_.show(200, responder_.page().tests({}, false));
    co_return responder_.read_failed(got.why, got.said.detail, "/tests", q);
}

task<http::response> test_routes::distribution(http::request q) {
    const auto title = q.query("title").value_or("");
    const auto got = co_await grading_.tests(q);
    // Where there are no figures the grades themselves are the next best thing.
    if (got.why == trouble::not_offered) co_return http::response::redirect(303, "/students");
    if (!got.value) co_return responder_.read_failed(got.why, got.said.detail, std::string(q.target()), q);
    const auto is_it = [&](const test_figures& t) { return t.title == title; };
    const auto it = std::find_if(got.value->begin(), got.value->end(), is_it);
    if (it == got.value->end())
        co_return responder_.message(404, "No such test", "There is no grade with the title " + title + ".",
                                     q);
    co_return responder_.show(200, responder_.page().distribution(*it));
}

// --- one test for all

task<http::response> test_routes::empty_sheet(http::request q) {
    score_sheet sheet;
    sheet.search = search_in(q.query("q").value_or(""));
    sheet.title = q.query("title").value_or("");
    sheet.type = q.query("type").value_or("");
    co_return co_await show_sheet(200, std::move(sheet), q);
}

task<http::response> test_routes::show_sheet(int status, score_sheet sheet, http::request q) {
    student_list_query asked;
    asked.search = sheet.search;
    asked.limit = students_per_sheet;
    const auto got = co_await grading_.list(asked, q);
    if (got.value) {
        const auto csrf = responder_.csrf(q);
        co_return responder_.show(status, responder_.page().sheet(sheet, *got.value, csrf), csrf);
    }
    if (q.method() != http::verb::post)
        co_return responder_.read_failed(got.why, got.said.detail, std::string(q.target()), q);
    co_return responder_.change_failed(got.why, got.said.detail, as_form(sheet, read_form(q)), q);
}

task<http::response> test_routes::take_sheet(http::request q, kept_form sent) {
    auto sheet = read_sheet(sent.fields);
    if (sheet.rows.size() > max_on_a_sheet)
        co_return responder_.message(
            422, "Too many at once",
            "A sheet has at most " + std::to_string(max_on_a_sheet) + " scores. Nothing was stored.", q);
    auto accepted = validate(sheet, responder_.page().highest_score());
    if (sheet.any_errors()) co_return co_await show_sheet(422, std::move(sheet), q);
    if (field(sent.fields, "Step") != "store") co_return co_await show_sheet(200, std::move(sheet), q);
    if (accepted.empty() && sheet.stored() == 0) {
        sheet.problem = "No score was entered, so nothing was stored.";
        co_return co_await show_sheet(422, std::move(sheet), q);
    }
    const auto title = accepted.empty() ? sheet.title : accepted.front().second.title;
    for (auto& [id, value] : accepted) {
        auto& row = sheet.rows[id];
        auto key = key_for(sent.fields, std::to_string(id) + to_wire(value));
        auto kept = co_await grading_.add(id, std::move(value), std::move(key), q);
        if (kept.value) {
            row.stored = std::exchange(row.typed, {});
        } else if (is_away(kept.why)) {
            co_return responder_.change_failed(kept.why, kept.said.detail, as_form(sheet, sent.fields), q);
        } else if (kept.why == trouble::not_found) {
            row.error = "This student is no longer in the grade book.";
        } else {
            row.error = kept.said.detail.empty() ? "This was not accepted." : kept.said.detail;
        }
    }
    if (!sheet.any_errors())
        co_return http::response::redirect(303, "/tests/distribution?title=" + http::percent_encode(title));
    sheet.problem = "Some grades were not stored; those that were are marked.";
    co_return co_await show_sheet(422, std::move(sheet), q);
}

// --- tables

task<http::response> test_routes::export_table(http::request q) {
    auto got = co_await grading_.table(q);
    if (!got.value) co_return responder_.read_failed(got.why, got.said.detail, "/export.csv", q);
    // The byte order mark marks the file as UTF-8 for spreadsheets; the import skips it.
    auto r = http::response(200)
                 .content_type("text/csv; charset=utf-8")
                 .header("Content-Disposition", "attachment; filename=\"grades.csv\"")
                 .header("Cache-Control", "private, no-cache");
    r.body() = "\xef\xbb\xbf" + *std::move(got.value);
    co_return web::guarded(std::move(r).compressible());
}

http::response test_routes::import_page(int status, const std::string& problem,
                                        const http::request& q) const {
    const auto csrf = responder_.csrf(q);
    return responder_.show(status, responder_.page().import_form(problem, csrf), csrf);
}

http::response test_routes::choose_table(http::request q) { return import_page(200, {}, q); }

task<http::response> test_routes::preview(http::request q, kept_form sent) {
    co_return co_await show_preview(200, std::move(sent), {}, q);
}

task<http::response> test_routes::show_preview(int status, kept_form sent, std::string problem,
                                               http::request q) {
    auto table = with_form_lines(field(sent.fields, "Table"));
    if (const auto wrong = table_problem(table); !wrong.empty()) co_return import_page(422, wrong, q);
    const auto got = co_await grading_.import(table, {}, {}, q);
    if (got.value) {
        const auto csrf = responder_.csrf(q);
        auto html = responder_.page().import_preview(*got.value, table, problem, csrf);
        co_return responder_.show(status, std::move(html), csrf);
    }
    if (got.why == trouble::refused)
        co_return import_page(422, "This table cannot be read. " + got.said.detail, q);
    sent.action = "/import";
    co_return responder_.change_failed(got.why, got.said.detail, std::move(sent), q);
}

task<http::response> test_routes::confirm(http::request q, kept_form sent) {
    auto token = field(sent.fields, "ImportToken");
    if (token.empty()) co_return co_await show_preview(200, std::move(sent), {}, q);
    auto table = with_form_lines(field(sent.fields, "Table"));
    auto key = key_for(sent.fields, token + '\n' + table);
    const auto done = co_await grading_.import(std::move(table), std::move(token), std::move(key), q);
    if (done.value)
        co_return http::response::redirect(303, "/import/done?added=" + std::to_string(done.value->added) +
                                                    "&changed=" + std::to_string(done.value->changed));
    if (done.why == trouble::conflict || done.why == trouble::refused)
        co_return co_await show_preview(
            409, std::move(sent),
            "The grade book was changed since you saw the preview, so nothing was done. This is what the "
            "table would do now.",
            q);
    co_return responder_.change_failed(done.why, done.said.detail, std::move(sent), q);
}

http::response test_routes::imported(http::request q) const {
    const auto count = [&q](const char* name) {
        return std::to_string(parse_student_id(q.query(name).value_or("")).value_or(0));
    };
    return responder_.message(
        200, "The table was imported",
        "Added: " + count("added") + ", changed: " + count("changed") + ". The history has every change.", q);
}

}  // namespace distd::portal
