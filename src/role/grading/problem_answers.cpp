#include "role/grading/problem_answers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/assert.hpp"
#include "base/parse_number.hpp"
#include "http/message/joined_header.hpp"

namespace distd::grading {
namespace {

constexpr std::size_t shown_id = 40;  // characters of an invalid ID to quote

http::response done(outcome&& o) {
    auto r =
        o.body.empty() ? http::response(o.status) : http::response::json_text(o.status, std::move(o.body));
    if (!o.location.empty()) r.header("Location", std::move(o.location));
    if (o.current_version != 0) return std::move(r).etag(std::to_string(o.current_version));
    return r;
}

}  // namespace

http::response answer(const document& d) {
    return http::response::shared(200, "application/json", d.text).etag(d.etag);
}

http::response no_such_student(const std::string& id) {
    return http::response::problem(404, "There is no student with the ID " + id.substr(0, shown_id) + ".");
}

http::response no_such_grade(const std::string& id) {
    return http::response::problem(404,
                                   "The student has no grade with the ID " + id.substr(0, shown_id) + ".");
}

http::response refuse_body(const std::string& what, const std::string& syntax_error,
                           const std::vector<field_error>& errors) {
    if (!syntax_error.empty())
        return http::response::problem(400, "The body is not " + what + ": " + syntax_error + ".");
    json::array list;
    std::string detail = "The body is not " + what + " that can be stored:";
    for (const auto& e : errors) {
        list.push_back(json::object{{"field", e.field}, {"detail", e.detail}});
        detail += (list.size() > 1 ? "; " : " ") + e.field + " " + e.detail;
    }
    return http::response::problem(422, detail + ".", {{"errors", std::move(list)}});
}

http::response answer_outcome(outcome o) {
    switch (o.is) {
        case command_status::done: return done(std::move(o));
        case command_status::repeated: return done(std::move(o)).header("Idempotency-Replayed", "true");
        case command_status::key_reused:
            return http::response::problem(
                422,
                "This Idempotency-Key came with another request before. Use a new key for a new request.");
        case command_status::no_student: return http::response::problem(404, "The student no longer exists.");
        case command_status::no_grade: return http::response::problem(404, "The student has no such grade.");
        case command_status::no_entry: return http::response::problem(404, "The history has no such entry.");
        case command_status::stale: break;  // answer_stale
        case command_status::changed_since:
            return http::response::problem(
                409,
                "The result of this entry was changed again, so it cannot be undone. "
                "Undo the later entries first.");
    }
    DISTD_ASSERT(false);
    return http::response(500);
}

http::response answer_stale(const outcome& o, const precondition& sent, const document* current,
                            const std::string& yours) {
    json::array versions;
    std::string named;
    for (const auto v : sent.versions.value_or(std::vector<std::int64_t>{})) {
        versions.push_back(v);
        named += (named.empty() ? "" : ", ") + std::to_string(v);
    }
    json::object more{{"yourVersions", std::move(versions)}, {"currentVersion", o.current_version}};
    json_error ignored;
    if (current)
        if (auto shown = parse_json(*current->text, ignored)) more["current"] = *std::move(shown);
    if (!yours.empty())
        if (auto shown = parse_json(yours, ignored)) more["yours"] = *std::move(shown);
    const auto now = std::to_string(o.current_version);
    const auto why =
        named.empty()
            ? "If-Match names no version of a student: it takes the ETag with its quotes, such as \"" + now +
                  "\", which is the current one."
            : "The student was changed meanwhile: your version is " + named + ", the current one is " + now +
                  ". Read it and send the change again with its ETag.";
    return http::response::problem(412, why, std::move(more)).etag(now);
}

std::optional<std::int64_t> parse_id(std::string_view text) {
    return text.starts_with('-') ? std::nullopt : parse_number<std::int64_t>(text);
}

precondition if_match(http::request q) {
    const auto sent = http::joined_header(q.headers(), "If-Match");
    if (!sent || *sent == "*") return {};
    std::string_view rest = *sent;
    precondition when{std::vector<std::int64_t>()};
    while (!rest.empty()) {
        auto tag = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(tag.size() + 1, rest.size()));
        while (!tag.empty() && (tag.front() == ' ' || tag.front() == '\t')) tag.remove_prefix(1);
        while (!tag.empty() && (tag.back() == ' ' || tag.back() == '\t')) tag.remove_suffix(1);
        // A weak tag never matches, nor does one of another form than ours.
        if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') continue;
        if (const auto version = parse_id(tag.substr(1, tag.size() - 2))) when.versions->push_back(*version);
    }
    return when;
}

}  // namespace distd::grading
