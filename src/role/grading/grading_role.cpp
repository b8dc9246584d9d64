// The grade book as a service: its routes over a `gradebook`. Reads come from memory; a change is answered
// once it is durable.
#include <chrono>
#include <functional>

#include "role/grading/answers.hpp"
#include "role/grading/core/class_book.hpp"
#include "role/grading/core/fingerprint.hpp"
#include "role/grading/core/grade_rules.hpp"
#include "role/grading/core/import_plan.hpp"
#include "role/grading/downloads.hpp"
#include "role/grading/listing.hpp"
#include "role/grading/sqlite_gradebook.hpp"
#include "role/role.hpp"

namespace distd {
namespace grading {
namespace {

constexpr std::size_t change_body_limit = 64 << 10;
constexpr std::size_t table_body_limit = 32 << 20;
constexpr std::size_t longest_key = 200;
constexpr std::int64_t most_entries = 1000;

class grading_role final : public role {
public:
    explicit grading_role(service& s) : service_(s), store_(s.data_dir() + "/grades.db", s.loop(), s.time()) {
        limits_.highest_score = static_cast<double>(s.config().integer("grading-highest-score"));
        auto found = store_.load();
        book_ = class_book(std::move(found.students), found.weights);
        revision_ = found.revision;
        store_.on_trouble([this](errc, const std::string& text) {
            service_.log().error("grade_store_failed", {{"reason", text}});
        });
        mount_reads();
        mount_changes();
        service_.log().info("grade_book_opened", {{"students", book_.size()}});
    }

private:
    using member = task<http::response> (grading_role::*)(http::request);

    [[nodiscard]] http::handler bound(member m) {
        return [this, m](http::request q) { return (this->*m)(q); };
    }

    void mount_reads() {
        service_.get("/students", [this](http::request q) { return show_students(q); });
        service_.get("/students/{id}", [this](http::request q) { return show_student(q); });
        service_.get("/students/{id}/grades/{grade}", [this](http::request q) { return show_grade(q); });
        service_.get("/tests", [this](http::request) {
            return http::response::json_text(200, book_.tests().wire_text(limits_.highest_score));
        });
        service_.get("/tests/{title}", [this](http::request q) { return show_test(q); });
        service_.get("/weights", [this](http::request) {
            return http::response::json_text(200, wire_text(book_.weights()));
        });
        service_.get("/export.csv", [this](http::request q) { return downloads_.table(q); });
        service_.get("/backup", [this](http::request q) { return downloads_.backup(q); });
        service_.get("/history", bound(&grading_role::show_history));
        service_.get("/students/{id}/history", bound(&grading_role::show_history));
    }

    void mount_changes() {
        http::route_options small;
        small.body_limit = change_body_limit;
        service_.post("/students", bound(&grading_role::post_student), small);
        service_.put("/students/{id}", bound(&grading_role::put_student), small);
        service_.del("/students/{id}", bound(&grading_role::delete_student), small);
        service_.post("/students/{id}/grades", bound(&grading_role::post_grade), small);
        service_.put("/students/{id}/grades/{grade}", bound(&grading_role::put_grade), small);
        service_.del("/students/{id}/grades/{grade}", bound(&grading_role::delete_grade), small);
        service_.put("/weights", bound(&grading_role::put_weights), small);
        service_.post("/history/{entry}/undo", bound(&grading_role::post_undo), small);
        http::route_options table;
        table.body_limit = table_body_limit;
        table.streams_body = true;
        service_.post("/import", bound(&grading_role::post_import), table);
    }

    // --- reading

    http::response show_students(http::request q) {
        if (q.query_text().empty()) return answer(book_.all());
        listing_query wanted;
        if (auto wrong = read_listing(q, wanted)) return *std::move(wrong);
        if (!wanted.is_page) return answer(book_.all());
        auto found = book_.select(wanted.of);
        auto r = http::response::json_text(200, std::move(found.text)).etag(std::move(found.etag));
        r.header("X-Total-Count", std::to_string(found.total));
        return std::move(r).header("Link", page_links(wanted, found.total));
    }

    http::response show_test(http::request q) {
        const auto title = q.param("title");
        const auto figures = book_.tests().of(title, limits_.highest_score);
        if (!figures) return http::response::problem(404, "There is no grade with this title.");
        std::string text;
        append_wire(text, title, *figures);
        return http::response::json_text(200, std::move(text));
    }

    http::response show_student(http::request q) {
        const auto sent_id = q.param("id");
        const auto id = parse_id(sent_id);
        const auto* found = id ? book_.find(*id) : nullptr;
        return found ? answer(*found) : no_such_student(sent_id);
    }

    http::response show_grade(http::request q) {
        const auto id = parse_id(q.param("id"));
        const auto* owner = id ? book_.look_up(*id) : nullptr;
        if (!owner) return no_such_student(q.param("id"));
        const auto wanted = parse_id(q.param("grade"));
        for (const auto& g : owner->grades) {
            if (wanted && g.id == *wanted)
                return http::response::json_text(200, wire_text(g)).etag(std::to_string(owner->version));
        }
        return no_such_grade(q.param("grade"));
    }

    task<http::response> show_history(http::request q) {
        history_query wanted;
        if (auto wrong = read_number(q, "after", 0, INT64_MAX, wanted.after)) co_return *std::move(wrong);
        if (auto wrong = read_number(q, "limit", 1, most_entries, wanted.limit)) co_return *std::move(wrong);
        const auto sent_id = q.param("id");
        if (!sent_id.empty()) {
            // A student that was removed still has a history.
            wanted.student_id = parse_id(sent_id);
            if (!wanted.student_id) co_return no_such_student(sent_id);
        }
        const auto found = co_await store_.history(wanted);
        if (!found) co_return http::response::of(found.error());
        std::string text = "[";
        for (const auto& e : *found) {
            if (text.size() > 1) text += ',';
            append_wire(text, e);
        }
        auto r = http::response::json_text(200, text + "]");
        if (static_cast<std::int64_t>(found->size()) == wanted.limit)
            r.header("Link", "<" + std::string(q.path()) + "?after=" + std::to_string(found->back().id) +
                                 "&limit=" + std::to_string(wanted.limit) + ">; rel=\"next\"");
        co_return r;
    }

    // --- changes

    task<http::response> post_student(http::request q) {
        const auto verdict = judge_name(q.body());
        if (!verdict.value) co_return refuse_body("a student", verdict.syntax_error, verdict.errors);
        command c = add_student{verdict.value->first_name, verdict.value->last_name};
        co_return co_await change_by(q, std::move(c), 0, {});
    }

    task<http::response> put_student(http::request q) {
        const auto id = parse_id(q.param("id"));
        if (!id || !book_.has(*id)) co_return no_such_student(q.param("id"));
        const auto verdict = judge_name(q.body());
        if (!verdict.value) co_return refuse_body("a student", verdict.syntax_error, verdict.errors);
        const auto when = if_match(q);
        command c = rename_student{*id, verdict.value->first_name, verdict.value->last_name, when};
        co_return co_await change_by(q, std::move(c), *id, when);
    }

    task<http::response> delete_student(http::request q) {
        const auto id = parse_id(q.param("id"));
        if (!id || !book_.has(*id)) co_return no_such_student(q.param("id"));
        const auto when = if_match(q);
        command c = remove_student{*id, when};
        co_return co_await change_by(q, std::move(c), *id, when);
    }

    task<http::response> post_grade(http::request q) {
        const auto id = parse_id(q.param("id"));
        if (!id || !book_.has(*id)) co_return no_such_student(q.param("id"));
        const auto verdict = judge_grade(q.body(), limits_);
        if (!verdict.value) co_return refuse_body("a grade", verdict.syntax_error, verdict.errors);
        const auto when = if_match(q);
        command c = add_grade{*id, *verdict.value, when};
        co_return co_await change_by(q, std::move(c), *id, when);
    }

    task<http::response> put_grade(http::request q) {
        const auto id = parse_id(q.param("id"));
        if (!id || !book_.has(*id)) co_return no_such_student(q.param("id"));
        const auto grade_id = parse_id(q.param("grade"));
        if (!grade_id) co_return no_such_grade(q.param("grade"));
        auto verdict = judge_grade(q.body(), limits_);
        if (!verdict.value) co_return refuse_body("a grade", verdict.syntax_error, verdict.errors);
        verdict.value->id = *grade_id;
        const auto when = if_match(q);
        command c = change_grade{*id, *verdict.value, when};
        co_return co_await change_by(q, std::move(c), *id, when);
    }

    task<http::response> delete_grade(http::request q) {
        const auto id = parse_id(q.param("id"));
        if (!id || !book_.has(*id)) co_return no_such_student(q.param("id"));
        const auto grade_id = parse_id(q.param("grade"));
        if (!grade_id) co_return no_such_grade(q.param("grade"));
        const auto when = if_match(q);
        command c = remove_grade{*id, *grade_id, when};
        co_return co_await change_by(q, std::move(c), *id, when);
    }

    task<http::response> put_weights(http::request q) {
        const auto verdict = judge_weights(q.body(), book_.weights());
        if (!verdict.value) co_return refuse_body("a set of weights", verdict.syntax_error, verdict.errors);
        command c = set_weights{*verdict.value};
        co_return co_await change_by(q, std::move(c), 0, {});
    }

    task<http::response> post_undo(http::request q) {
        const auto entry = parse_id(q.param("entry"));
        if (!entry) co_return http::response::problem(404, "The history has no such entry.");
        command c = undo_entry{*entry};
        co_return co_await change_by(q, std::move(c), 0, {});
    }

    // First a dry run, which changes nothing and says what would be done; then the same file again with the
    // token of the dry run, which stands for that file and the book as it was.
    task<http::response> post_import(http::request q) {
        const auto dry_run = q.query("dry_run").value_or("true");
        if (dry_run != "true" && dry_run != "false")
            co_return http::response::problem(400, "Wrong parameter: dry_run must be true or false.");
        import_plan plan(book_, limits_);
        const auto revision = revision_;
        for (;;) {
            const auto piece = co_await q.read_some();
            if (!piece) co_return http::response::of(piece.error());
            if (piece->empty()) break;
            plan.feed(*piece);
        }
        plan.finish();
        if (!plan.error().empty())
            co_return http::response::problem(422,
                                              "The body is not a table of grades: " + plan.error() + ".");
        const auto token = plan.content() + "-" + std::to_string(revision);
        if (dry_run == "true")
            co_return http::response::json_text(200, plan.wire_text() + R"(,"Token":")" + token + R"("})");
        if (q.query("token") != token) co_return other_import();

        command c = import_table{plan.take_steps(), revision};
        origin from{now_ms(), std::string(q.id())};
        const auto made = co_await store_.perform(std::move(c), std::move(from));
        if (!made) co_return http::response::of(made.error());
        if (made->is != verdict::done) co_return other_import();
        follow(*made);
        co_return http::response::json_text(200, plan.wire_text() + "}");
    }

    static http::response other_import() {
        return http::response::problem(
            412,
            "The token stands for another file, or the grade book was changed since the "
            "dry run. Run it again, look at what it says, and use its new token.");
    }

    void follow(const outcome& made) {
        for (const auto& change : made.changes) book_.apply(change);
        if (made.revision != 0) revision_ = made.revision;
    }

    // Several wait at a time; they go on in the order of their commits, so memory and store agree on the
    // order.
    task<http::response> change_by(http::request q, command c, std::int64_t student_id, precondition when) {
        origin from{now_ms(), std::string(q.id())};
        if (q.method() == http::verb::post) {
            from.idempotency_key = q.header("Idempotency-Key");
            if (from.idempotency_key.size() > longest_key)
                co_return http::response::problem(400, "The Idempotency-Key must have 1 to 200 bytes.");
            from.fingerprint = fingerprint().add(q.path()).add("\n").add(q.body()).text();
        }
        const auto made = co_await store_.perform(std::move(c), std::move(from));
        if (!made) co_return http::response::of(made.error());
        follow(*made);
        co_return answer_outcome(*made, when, book_.find(student_id));
    }

    [[nodiscard]] std::int64_t now_ms() const {
        const auto since_1970 = service_.time().wall().time_since_epoch();
        return std::chrono::duration_cast<milliseconds>(since_1970).count();
    }

    service& service_;
    grade_limits limits_;
    class_book book_;
    std::int64_t revision_ = 0;  // of the book
    sqlite_gradebook store_;
    downloads downloads_{service_, book_, store_};
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
    setting highest{"grading-highest-score", setting_kind::integer, "100",
                    "the highest score a grade may have", "Grading"};
    highest.least = 1;
    highest.most = 1'000'000;
    d.settings = {highest};
    d.make = &grading::make;
    return d;
}

}  // namespace distd
