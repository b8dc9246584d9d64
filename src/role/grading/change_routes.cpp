#include "role/grading/change_routes.hpp"

#include <algorithm>
#include <chrono>

#include "base/timestamp.hpp"
#include "role/grading/core/fingerprint.hpp"
#include "role/grading/core/replay.hpp"
#include "role/grading/problem_answers.hpp"

namespace distd::grading {
namespace {

constexpr std::size_t max_key = 200;
constexpr std::int64_t max_steps_back = 1000;  // from the current student back to the version that was sent

}  // namespace

change_routes::change_routes(service& s, grade_book_state& book, gradebook& store, store_follower& follower,
                             const grade_limits& limits)
    : service_(s), book_(book), store_(store), follower_(follower), limits_(limits) {}

http::handler_result change_routes::post_student(http::request q) {
    auto parsed = validate_name(q.body());
    if (!parsed.value) return refuse_body("a student", parsed.syntax_error, parsed.errors);
    auto& name = *parsed.value;
    return change(q, add_student{std::move(name.first_name), std::move(name.last_name)}, 0, {});
}

http::handler_result change_routes::put_student(http::request q) {
    const auto id = known_student(q);
    if (!id) return no_such_student(q.param("id"));
    auto parsed = validate_name(q.body());
    if (!parsed.value) return refuse_body("a student", parsed.syntax_error, parsed.errors);
    auto& name = *parsed.value;
    const auto when = if_match(q);
    return change(q, rename_student{*id, std::move(name.first_name), std::move(name.last_name), when}, *id,
                  when);
}

http::handler_result change_routes::delete_student(http::request q) {
    const auto id = known_student(q);
    if (!id) return no_such_student(q.param("id"));
    const auto when = if_match(q);
    return change(q, remove_student{*id, when}, *id, when);
}

http::handler_result change_routes::post_grade(http::request q) {
    const auto id = known_student(q);
    if (!id) return no_such_student(q.param("id"));
    auto parsed = validate_grade(q.body(), limits_);
    if (!parsed.value) return refuse_body("a grade", parsed.syntax_error, parsed.errors);
    const auto when = if_match(q);
    return change(q, add_grade{*id, *std::move(parsed.value), when}, *id, when);
}

http::handler_result change_routes::put_grade(http::request q) {
    const auto id = known_student(q);
    if (!id) return no_such_student(q.param("id"));
    const auto grade_id = parse_id(q.param("grade"));
    if (!grade_id) return no_such_grade(q.param("grade"));
    auto parsed = validate_grade(q.body(), limits_);
    if (!parsed.value) return refuse_body("a grade", parsed.syntax_error, parsed.errors);
    parsed.value->id = *grade_id;
    const auto when = if_match(q);
    return change(q, change_grade{*id, *std::move(parsed.value), when}, *id, when);
}

http::handler_result change_routes::delete_grade(http::request q) {
    const auto id = known_student(q);
    if (!id) return no_such_student(q.param("id"));
    const auto grade_id = parse_id(q.param("grade"));
    if (!grade_id) return no_such_grade(q.param("grade"));
    const auto when = if_match(q);
    return change(q, remove_grade{*id, *grade_id, when}, *id, when);
}

http::handler_result change_routes::put_weights(http::request q) {
    const auto parsed = validate_weights(q.body(), book_.weights());
    if (!parsed.value) return refuse_body("a set of weights", parsed.syntax_error, parsed.errors);
    return change(q, set_weights{*parsed.value}, 0, {});
}

http::handler_result change_routes::post_undo(http::request q) {
    const auto entry = parse_id(q.param("entry"));
    if (!entry) return http::response::problem(404, "The history has no such entry.");
    return change(q, undo_entry{*entry}, 0, {});
}

std::optional<std::int64_t> change_routes::known_student(http::request q) const {
    const auto id = parse_id(q.param("id"));
    return id && book_.has(*id) ? id : std::nullopt;
}

origin change_routes::origin_of(http::request q) const {
    origin from;
    from.at_ms = unix_ms(service_.time().wall());
    from.steady_ms =
        std::chrono::duration_cast<milliseconds>(service_.time().now().time_since_epoch()).count();
    from.request_id = q.id();
    return from;
}

std::optional<http::response> change_routes::set_idempotency_key(origin& from, http::request q,
                                                                 std::string_view content) {
    from.idempotency_key = q.header("Idempotency-Key");
    if (from.idempotency_key.size() > max_key)
        return http::response::problem(400, "The Idempotency-Key must have 1 to 200 bytes.");
    if (!from.idempotency_key.empty())
        from.fingerprint = fingerprint().add(q.path()).add("\n").add(content).text();
    return std::nullopt;
}

http::handler_result change_routes::change(http::request q, command c, std::int64_t student_id,
                                           precondition when) {
    auto from = origin_of(q);
    if (q.method() == http::verb::post)
        if (auto no = set_idempotency_key(from, q, q.body())) return *std::move(no);
    return http::deferred(http::buffers::keep, [this, c = std::move(c), from = std::move(from), student_id,
                                                when = std::move(when)](http::request,
                                                                        http::pending_answer a) mutable {
        auto w = std::make_shared<waiting>(waiting{std::move(a), student_id, std::move(when)});
        store_.perform(std::move(c), std::move(from), [this, w = std::move(w)](result<outcome> made) mutable {
            take(std::move(w), std::move(made));
        });
    });
}

// Completions run in the order of the commits, so memory and store have the same order.
void change_routes::take(std::shared_ptr<waiting> w, result<outcome> made) {
    if (!made) return w->answer.give(http::response::of(made.error()));
    if (follower_.apply_now(*made) && made->is != command_status::stale)
        return w->answer.give(answer_outcome(*std::move(made)));
    service_.spawn("answer to a change",
                   [this, w = std::move(w), o = *std::move(made)] { return take_later(w, o); });
}

// The change is stored even if memory cannot follow: the answer says so.
task<> change_routes::take_later(std::shared_ptr<waiting> w, outcome o) {
    static_cast<void>(co_await follower_.follow(o.revision));
    if (o.is != command_status::stale) co_return w->answer.give(answer_outcome(std::move(o)));
    auto both = co_await show_conflict(w->student_id, std::move(w->when), std::move(o));
    w->answer.give(std::move(both));
}

// 412: the current student, and the student in the latest of the versions that were sent.
task<http::response> change_routes::show_conflict(std::int64_t id, precondition when, outcome o) {
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
    if (named == 0 || steps > max_steps_back) co_return answer_stale(o, when, &current, {});
    const auto entries = co_await store_.latest(id, revision, steps);
    std::string yours;
    if (entries)
        if (const auto earlier = as_of_version(named, std::move(then), *entries))
            append_wire(yours, earlier->of, earlier->weights);
    co_return answer_stale(o, when, &current, yours);
}

}  // namespace distd::grading
