// The grade book as a service: its routes over a `gradebook`. Reads come from memory; a change is answered
// once it is durable.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>

#include "role/grading/answers.hpp"
#include "role/grading/book_follower.hpp"
#include "role/grading/core/class_book.hpp"
#include "role/grading/core/fingerprint.hpp"
#include "role/grading/core/grade_rules.hpp"
#include "role/grading/core/import_plan.hpp"
#include "role/grading/core/replay.hpp"
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
    explicit grading_role(service& s) : service_(s), store_(place_of_store(s), s.loop(), s.time()) {
        limits_.highest_score = static_cast<double>(s.config().integer("grading-highest-score"));
        const auto commits = store_.commits();
        auto found = store_.load();
        book_ = class_book(std::move(found.students), found.weights);
        follower_.begin_at(found.revision, commits);
        if (store_.is_shared())
            service_.background("grades of others", [this] { return follower_.follow_others(); });
        store_.on_trouble([this](errc, const std::string& text) {
            service_.log().error("grade_store_failed", {{"reason", text}});
        });
        mount_reads();
        mount_changes();
        service_.log().info("grade_book_opened", {{"students", book_.size()}});
    }

private:
    using quick_member = http::response (grading_role::*)(http::request);
    using member = task<http::response> (grading_role::*)(http::request);

    static sqlite_gradebook::place place_of_store(service& s) {
        const auto own = s.data_dir() + "/grades.db";
        const auto& shared = s.config().text("grading-store");
        return {shared.empty() ? own : shared, own + ".copy", !shared.empty()};
    }

    // Memory follows others only when it is asked to: before every look at it.
    [[nodiscard]] http::handler bound(member m) {
        if (store_.is_shared()) return [this, m](http::request q) { return when_current(m, q); };
        return [this, m](http::request q) { return (this->*m)(q); };
    }
    task<http::response> when_current(member m, http::request q) {
        const auto known = co_await follower_.catch_up();
        if (!known) co_return http::response::of(known.error());
        co_return co_await (this->*m)(q);
    }

    // Without others an answer from memory waits for nothing.
    void mount_read(const std::string& path, quick_member m) {
        if (store_.is_shared())
            service_.get(path, [this, m](http::request q) { return shown_when_current(m, q); });
        else
            service_.get(path, [this, m](http::request q) { return (this->*m)(q); });
    }
    task<http::response> shown_when_current(quick_member m, http::request q) {
        const auto known = co_await follower_.catch_up();
        if (!known) co_return http::response::of(known.error());
        co_return (this->*m)(q);
    }

    void mount_reads() {
        mount_read("/students", &grading_role::show_students);
        mount_read("/students/{id}", &grading_role::show_student);
        mount_read("/students/{id}/grades/{grade}", &grading_role::show_grade);
        mount_read("/tests", &grading_role::show_tests);
        mount_read("/tests/{title}", &grading_role::show_test);
        mount_read("/weights", &grading_role::show_weights);
        mount_read("/export.csv", &grading_role::show_table);
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

    http::response show_tests(http::request) {
        return http::response::json_text(200, book_.tests().wire_text(limits_.highest_score));
    }

    http::response show_weights(http::request) {
        return http::response::json_text(200, wire_text(book_.weights()));
    }

    http::response show_table(http::request q) { return downloads_.table(q); }

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
        const auto revision = follower_.revision();
        // Others have their turns on the loop.
        while (plan.learn_names()) co_await boost::asio::post(service_.loop(), use_task);
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
        if (dry_run == "true") co_return http::response::json_text(200, plan.take_wire_text(token));
        if (q.query("token") != token) co_return other_import();

        command c = import_table{plan.take_steps(), revision};
        origin from{now_ms(), std::string(q.id())};
        const auto made = co_await store_.perform(std::move(c), std::move(from));
        if (!made) co_return http::response::of(made.error());
        if (made->is != verdict::done) co_return other_import();
        const auto known = co_await follower_.follow(made->revision);
        if (!known) co_return http::response::of(known.error());
        co_return http::response::json_text(200, plan.take_wire_text({}));
    }

    static http::response other_import() {
        return http::response::problem(
            412,
            "The token stands for another file, or the grade book was changed since the "
            "dry run. Run it again, look at what it says, and use its new token.");
    }

    // Several wait at a time; they go on in the order of their commits, so memory and store agree on the
    // order.
    task<http::response> change_by(http::request q, command c, std::int64_t student_id, precondition when) {
        origin from{now_ms(), std::string(q.id())};
        if (q.method() == http::verb::post) {
            from.idempotency_key = q.header("Idempotency-Key");
            if (from.idempotency_key.size() > longest_key)
                co_return http::response::problem(400, "The Idempotency-Key must have 1 to 200 bytes.");
            if (!from.idempotency_key.empty())
                from.fingerprint = fingerprint().add(q.path()).add("\n").add(q.body()).text();
        }
        auto made = co_await store_.perform(std::move(c), std::move(from));
        if (!made) co_return http::response::of(made.error());
        if (!follower_.follow_at_once(*made)) {
            // When memory cannot follow, what is stored is stored all the same: it is answered so.
            static_cast<void>(co_await follower_.follow(made->revision));
        }
        if (made->is == verdict::stale) co_return co_await show_both(student_id, std::move(when), *made);
        co_return answer_outcome(*made);
    }

    // 412: the student as it is now, and as it was in the latest of the versions that were sent.
    task<http::response> show_both(std::int64_t id, precondition when, outcome o) {
        static_cast<void>(co_await follower_.catch_up());
        const auto* now = book_.look_up(id);
        if (!now) co_return no_such_student(std::to_string(id));
        o.current_version = now->version;
        std::int64_t named = 0;
        for (const auto v : when.versions.value_or(std::vector<std::int64_t>{}))
            if (v < now->version) named = std::max(named, v);
        shown_student then{*now, book_.weights()};
        const auto current = *book_.find(id);
        const auto revision = follower_.revision();
        const auto steps = now->version - named;
        if (named == 0 || steps > most_entries) co_return answer_stale(o, when, &current, {});
        const auto entries = co_await store_.latest(id, revision, steps);
        std::string yours;
        if (entries)
            if (const auto earlier = as_of_version(named, std::move(then), *entries))
                append_wire(yours, earlier->of, earlier->weights);
        co_return answer_stale(o, when, &current, yours);
    }

    [[nodiscard]] std::int64_t now_ms() const {
        const auto since_1970 = service_.time().wall().time_since_epoch();
        return std::chrono::duration_cast<milliseconds>(since_1970).count();
    }

    service& service_;
    grade_limits limits_;
    class_book book_;
    sqlite_gradebook store_;
    book_follower follower_{service_, book_, store_};
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
    setting store;
    store.name = "grading-store";
    store.kind = setting_kind::path;
    store.help = "a file of grades that several grading services of this machine share";
    store.group = "Grading";
    d.settings = {highest, store};
    d.make = &grading::make;
    return d;
}

}  // namespace distd
