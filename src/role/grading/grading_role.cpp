// The grade book as a service: the routes of the protocol over a `gradebook`. Reads come from memory; a grade
// is answered once it is durable.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "role/grading/core/class_book.hpp"
#include "role/grading/core/grade_rules.hpp"
#include "role/grading/sqlite_gradebook.hpp"
#include "role/role.hpp"

namespace distd {
namespace grading {
namespace {

constexpr std::size_t grade_body_limit = 64 << 10;

std::optional<std::int64_t> parse_id(std::string_view text) {
    std::int64_t id = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool plain = ec == std::errc() && end == text.data() + text.size() && text.front() != '-';
    return plain ? std::optional(id) : std::nullopt;
}

http::response answer(const document& d) {
    return http::response::shared(200, "application/json", d.text).etag(d.etag);
}

http::response no_such_student(const std::string& id) {
    return http::response::problem(404, "There is no student with the ID " + id.substr(0, 40) + ".");
}

http::response refuse(const judged_grade& verdict) {
    if (!verdict.syntax_error.empty())
        return http::response::problem(400, "The body is not a grade: " + verdict.syntax_error + ".");
    json::array errors;
    std::string detail = "The grade was not stored:";
    for (const auto& e : verdict.errors) {
        errors.push_back(json::object{{"field", e.field}, {"detail", e.detail}});
        detail += (errors.size() > 1 ? "; " : " ") + e.field + " " + e.detail;
    }
    return http::response::problem(422, detail + ".", {{"errors", std::move(errors)}});
}

class grading_role final : public role {
public:
    explicit grading_role(service& s)
        : service_(s), store_(s.data_dir() + "/grades.db", s.loop(), s.time()), book_(store_.load()) {
        store_.on_trouble([this](errc, const std::string& text) {
            service_.log().error("grade_store_failed", {{"reason", text}});
        });
        service_.get("/students", [this](http::request) { return answer(book_.all()); });
        service_.get("/students/{id}", [this](http::request q) { return show(q); });
        http::route_options options;
        options.body_limit = grade_body_limit;
        service_.post(
            "/students/{id}/grades", [this](http::request q) { return add(q); }, options);
        service_.log().info("grade_book_opened", {{"students", book_.size()}});
    }

private:
    http::response show(http::request q) {
        const auto sent_id = q.param("id");
        const auto id = parse_id(sent_id);
        const auto* found = id ? book_.find(*id) : nullptr;
        return found ? answer(*found) : no_such_student(sent_id);
    }

    task<http::response> add(http::request q) {
        const auto sent_id = q.param("id");
        const auto id = parse_id(sent_id);
        if (!id || !book_.has(*id)) co_return no_such_student(sent_id);
        auto verdict = judge_grade(q.body());
        if (!verdict.value) co_return refuse(verdict);

        // Several wait at a time; they go on in the order of their commits, so memory and store agree on the
        // order.
        const auto stored = co_await store_.add_grade(*id, *verdict.value);
        if (!stored) co_return http::response::of(stored.error());
        std::string body;
        append_wire(body, *verdict.value);
        book_.add_grade(*id, *std::move(verdict.value));
        co_return http::response::json_text(201, std::move(body));
    }

    service& service_;
    sqlite_gradebook store_;
    class_book book_;
};

std::unique_ptr<role> make(service& s) { return std::make_unique<grading_role>(s); }

}  // namespace
}  // namespace grading

role_description describe_grading() {
    role_description d;
    d.name = "grading";
    d.service_name = "GradingService";
    d.default_address = "127.0.0.1:6000";
    d.summary = "the grade book: students and their grades";
    d.depends_on = {"LogService"};
    d.make = &grading::make;
    return d;
}

}  // namespace distd
