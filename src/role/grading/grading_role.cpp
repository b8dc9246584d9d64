// The grade book service: routes over a `gradebook`. Reads are served from memory; a change is answered once
// it is durable.
#include <boost/asio/post.hpp>

#include "base/settings/setting_group.hpp"
#include "role/grading/change_routes.hpp"
#include "role/grading/core/grade_book_state.hpp"
#include "role/grading/core/grade_rules.hpp"
#include "role/grading/core/import_plan.hpp"
#include "role/grading/downloads.hpp"
#include "role/grading/problem_answers.hpp"
#include "role/grading/sqlite_gradebook.hpp"
#include "role/grading/store_follower.hpp"
#include "role/grading/student_listing.hpp"
#include "role/known_parameters.hpp"
#include "role/role.hpp"
#include "role/store_health.hpp"
#include "sdk/role_services.hpp"
#include "wire/service_names.hpp"

namespace distd {
namespace grading {
namespace {

constexpr std::size_t change_body_limit = 64 << 10;
constexpr std::size_t table_body_limit = 32 << 20;
constexpr std::int64_t max_entries = 1000;

constexpr known_parameter of_history[] = {{"after"}, {"limit"}};
constexpr known_parameter of_import[] = {{"dry_run"}, {"token"}};

class grading_role final : public role {
public:
    explicit grading_role(service& s) : service_(s), store_(place_of_store(s), s.loop()) {
        limits_.highest_score = static_cast<double>(s.config().integer("grading-highest-score"));
        const auto commits = store_.commits();
        auto found = store_.load();
        book_ = grade_book_state(std::move(found.students), found.weights);
        follower_.begin_at(found.revision, commits);
        if (store_.is_shared())
            service_.background("grades of others", [this] { return follower_.follow_others(); });
        health_.watch(store_.readers());
        service_.metrics().level_of(
            "distd_grading_answers_forgotten_early",
            "Answers to idempotency keys that were forgotten for want of room, since the start",
            [this] { return static_cast<double>(store_.forgotten_early()); });
        service_.background("forgotten answers", [this] { return warn_of_forgotten_answers(); });
        mount_reads();
        mount_changes();
        service_.log().info("grade_book_opened", {{"students", book_.size()}});
    }

private:
    using slow_member = task<http::response> (grading_role::*)(http::request);

    static sqlite_gradebook::place place_of_store(service& s) {
        const auto own = s.data_dir() + "/grades.db";
        const auto& shared = s.config().text("grading-store");
        answer_limits answers;
        answers.max_bytes = static_cast<std::int64_t>(s.config().size("grading-answers-max-bytes"));
        return {shared.empty() ? own : shared, own + ".copy", !shared.empty(), disk_of(s), answers};
    }

    // A retry of such a request is not recognised: it is executed as a new one. So the operator is warned.
    task<> warn_of_forgotten_answers() {
        for (std::uint64_t reported = 0;;) {
            co_await sleep_for(service_.time(), milliseconds(60'000));
            const auto all = store_.forgotten_early();
            if (all == reported) continue;
            service_.log().warn("answers_forgotten_early", {{"answers", all - reported}});
            reported = all;
        }
    }

    // Memory follows changes of other processes only on demand: before every read.
    void offer(http::verb method, const std::string& path, http::handler answer, http::route_options o = {}) {
        service_.route(method, path, store_.is_shared() ? with_current_book(answer) : std::move(answer), o);
    }
    void offer_slow(http::verb method, const std::string& path, slow_member m, http::route_options o = {}) {
        service_.route(method, path, with_current_book([this, m](http::request q) { return (this->*m)(q); }),
                       o);
    }
    http::handler with_current_book(http::handler answer) {
        return [this, answer = std::move(answer)](http::request q) { return when_current(answer, q); };
    }
    task<http::handler_result> when_current(http::handler answer, http::request q) {
        const auto known = co_await follower_.catch_up();
        if (!known) co_return http::response::of(known.error());
        co_return answer(q);
    }

    void mount_reads() {
        using http::verb;
        const auto show = [this](const std::string& path, http::response (grading_role::*m)(http::request),
                                 std::span<const known_parameter> known = {}) {
            offer(verb::get, path, [this, m, known](http::request q) {
                auto wrong = refuse_others(q, known);
                return wrong ? *std::move(wrong) : (this->*m)(q);
            });
        };
        show("/students", &grading_role::show_students, listing_parameters);
        show("/students/{id}", &grading_role::show_student);
        show("/students/{id}/grades/{grade}", &grading_role::show_grade);
        show("/tests", &grading_role::show_tests);
        show("/tests/{title}", &grading_role::show_test);
        show("/weights", &grading_role::show_weights);
        show("/limits", &grading_role::show_limits);
        show("/export.csv", &grading_role::show_table);
        service_.get("/backup", [this](http::request q) { return downloads_.backup(q); });
        offer_slow(verb::get, "/history", &grading_role::show_history);
        offer_slow(verb::get, "/students/{id}/history", &grading_role::show_history);
    }

    void mount_changes() {
        using http::verb;
        const auto take = [this](verb method, const std::string& path,
                                 http::handler_result (change_routes::*m)(http::request)) {
            http::route_options small;
            small.body_limit = change_body_limit;
            offer(
                method, path,
                [this, m](http::request q) {
                    auto wrong = refuse_others(q, {});
                    return wrong ? *std::move(wrong) : (changes_.*m)(q);
                },
                small);
        };
        take(verb::post, "/students", &change_routes::post_student);
        take(verb::put, "/students/{id}", &change_routes::put_student);
        take(verb::del, "/students/{id}", &change_routes::delete_student);
        take(verb::post, "/students/{id}/grades", &change_routes::post_grade);
        take(verb::put, "/students/{id}/grades/{grade}", &change_routes::put_grade);
        take(verb::del, "/students/{id}/grades/{grade}", &change_routes::delete_grade);
        take(verb::put, "/weights", &change_routes::put_weights);
        take(verb::post, "/history/{entry}/undo", &change_routes::post_undo);
        http::route_options table;
        table.body_limit = table_body_limit;
        table.streams_body = true;
        offer_slow(verb::post, "/import", &grading_role::post_import, table);
    }

    // --- queries

    http::response show_students(http::request q) {
        if (q.query_text().empty()) return answer(book_.all());
        listing_query wanted;
        if (auto wrong = read_listing(q, wanted)) return *std::move(wrong);
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

    http::response show_limits(http::request) { return http::response::json_text(200, wire_text(limits_)); }

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
        if (auto wrong = refuse_others(q, of_history)) co_return *std::move(wrong);
        history_query wanted;
        if (auto wrong = read_number(q, "after", 0, INT64_MAX, wanted.after)) co_return *std::move(wrong);
        if (auto wrong = read_number(q, "limit", 1, max_entries, wanted.limit)) co_return *std::move(wrong);
        const auto sent_id = q.param("id");
        if (!sent_id.empty()) {
            // A removed student still has a history.
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

    // First a dry run, which changes nothing and reports what would be done; then the same file again with
    // the token of the dry run, which identifies the file and the revision of the book.
    task<http::response> post_import(http::request q) {
        if (auto wrong = refuse_others(q, of_import)) co_return *std::move(wrong);
        const auto dry_run = q.query("dry_run").value_or("true");
        if (dry_run != "true" && dry_run != "false")
            co_return wrong_parameter("dry_run must be true or false");
        if (q.header("Content-Type").starts_with("multipart/"))
            co_return http::response::problem(
                415, "The body must be the table itself, not a form: curl --data-binary @FILE.");
        import_plan plan(book_, limits_);
        const auto revision = follower_.revision();
        // Yields to other work on the event loop.
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
        co_return co_await import_confirmed(std::move(q), std::move(plan), revision);
    }

    task<http::response> import_confirmed(http::request q, import_plan plan, std::int64_t revision) {
        const auto sent = q.query("token").value_or("");
        const bool is_as_seen = sent == plan.content() + "-" + std::to_string(revision);
        auto from = changes_.origin_of(q);
        if (auto no = change_routes::set_idempotency_key(from, q, plan.content() + "\n" + sent))
            co_return *std::move(no);
        const bool may_be_repeated = !from.idempotency_key.empty();
        if (!is_as_seen && !may_be_repeated) co_return stale_import();

        // A retry of an executed import has an outdated token, since the import changed the book: only its
        // idempotency key can identify it.
        constexpr std::int64_t no_revision = -1;
        import_table table{{}, is_as_seen ? revision : no_revision};
        if (is_as_seen) table.steps = plan.take_steps();
        auto text = plan.take_wire_text({});
        if (may_be_repeated) table.answer = text;
        command c = std::move(table);
        auto made = co_await store_.perform(std::move(c), std::move(from));
        if (!made) co_return http::response::of(made.error());
        if (made->is == command_status::repeated || made->is == command_status::key_reused)
            co_return answer_outcome(*std::move(made));
        if (made->is != command_status::done) co_return stale_import();
        const auto known = co_await follower_.follow(made->revision);
        if (!known) co_return http::response::of(known.error());
        co_return http::response::json_text(200, std::move(text));
    }

    static http::response stale_import() {
        return http::response::problem(
            412,
            "The token belongs to another file, or the grade book was changed since the "
            "dry run. Repeat the dry run, check its report, and use its new token.");
    }

    service& service_;
    grade_limits limits_;
    grade_book_state book_;
    sqlite_gradebook store_;
    store_health health_{service_, store_.queue(), "grades", "grade_store_failed"};
    store_follower follower_{service_, book_, store_};
    change_routes changes_{service_, book_, store_, follower_, limits_};
    downloads downloads_{service_, book_, store_};
};

std::vector<setting> rows() {
    using enum setting_kind;
    return in_group("Grading",
                    {{.name = "grading-highest-score",
                      .kind = integer,
                      .fallback = "100",
                      .help = "the highest score a grade may have",
                      .min = 1,
                      .max = 1'000'000},
                     {.name = "grading-store",
                      .kind = path,
                      .fallback = "",
                      .help = "a file of grades that several grading services of this machine share"},
                     {.name = "grading-answers-max-bytes",
                      .kind = size,
                      .fallback = "256MiB",
                      .help = "how large the answers kept for repeated requests may be; over that the oldest "
                              "go before their 24 hours",
                      .min = 1 << 16,
                      .max = std::int64_t{1} << 40}});
}

std::unique_ptr<role> make(service& s) { return std::make_unique<grading_role>(s); }

}  // namespace
}  // namespace grading

role_description describe_grading() {
    role_description d;
    d.name = "grading";
    d.service_name = std::string(wire::grading_service);
    d.default_address = "127.0.0.1:6000";
    d.summary = "students and grades";
    d.depends_on = {std::string(wire::log_service)};
    d.settings = grading::rows();
    d.make = &grading::make;
    return d;
}

}  // namespace distd
