// Routes that change the grade book: validate the request, let the store perform it, and answer once it is
// durable and memory is updated. A waiting request needs no coroutine. Members may be called only after
// mounting, and while memory is current.
#pragma once

#include <distd/service.hpp>
#include <memory>

#include "role/grading/core/grade_book_state.hpp"
#include "role/grading/core/grade_rules.hpp"
#include "role/grading/gradebook.hpp"
#include "role/grading/store_follower.hpp"

namespace distd::grading {

class change_routes {
public:
    change_routes(service&, grade_book_state&, gradebook&, store_follower&, const grade_limits&);

    [[nodiscard]] http::handler_result post_student(http::request);
    [[nodiscard]] http::handler_result put_student(http::request);
    [[nodiscard]] http::handler_result delete_student(http::request);
    [[nodiscard]] http::handler_result post_grade(http::request);
    [[nodiscard]] http::handler_result put_grade(http::request);
    [[nodiscard]] http::handler_result delete_grade(http::request);
    [[nodiscard]] http::handler_result put_weights(http::request);
    [[nodiscard]] http::handler_result post_undo(http::request);

    [[nodiscard]] origin origin_of(http::request) const;
    // Copies the Idempotency-Key of a POST, if any, to `from`, with the fingerprint of path and content.
    // Returns an answer if the key is invalid.
    [[nodiscard]] static std::optional<http::response> set_idempotency_key(origin& from, http::request,
                                                                           std::string_view content);

private:
    struct waiting {
        http::pending_answer answer;
        std::int64_t student_id;
        precondition when;
    };

    [[nodiscard]] std::optional<std::int64_t> known_student(http::request) const;
    [[nodiscard]] http::handler_result change(http::request, command, std::int64_t student_id, precondition);
    void take(std::shared_ptr<waiting>, result<outcome>);
    [[nodiscard]] task<> take_later(std::shared_ptr<waiting>, outcome);
    [[nodiscard]] task<http::response> show_conflict(std::int64_t student_id, precondition, outcome);

    service& service_;
    grade_book_state& book_;
    gradebook& store_;
    store_follower& follower_;
    const grade_limits& limits_;
};

}  // namespace distd::grading
