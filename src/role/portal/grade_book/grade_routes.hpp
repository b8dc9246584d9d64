// Routes that add, change and delete single grades. Every change is a POST that answers 303 when done. A
// conflicting change is retried if only other grades changed; otherwise both versions are shown. Lives as
// long as the role.
#pragma once

#include <distd/service.hpp>

#include "role/portal/grade_book/grading_client.hpp"
#include "role/portal/grade_book/page_responder.hpp"

namespace distd::portal {

class grade_routes {
public:
    grade_routes(service&, const page_responder&, grading_client&);
    void mount();

private:
    [[nodiscard]] task<http::response> add(http::request q, kept_form sent);
    [[nodiscard]] task<http::response> edit(http::request q);
    [[nodiscard]] task<http::response> change(http::request q, kept_form sent);
    [[nodiscard]] task<http::response> confirm_deletion(http::request q);
    [[nodiscard]] task<http::response> remove(http::request q, kept_form sent);

    struct named_grade {
        std::optional<http::response> instead;  // the answer if the grade was not found
        student of;
        grade value;
    };
    [[nodiscard]] task<named_grade> find_named(http::request q);
    [[nodiscard]] task<http::response> show_student_again(int status, std::int64_t id, grade_form form,
                                                          http::request q);
    [[nodiscard]] task<http::response> show_edit_again(grade_edit e, http::request q);
    // The answer to an edit conflict: shows both grades, or says that the grade was deleted.
    [[nodiscard]] task<http::response> show_conflict(grade_edit e, refusal said, http::request q);

    service& service_;
    const page_responder& responder_;
    grading_client& grading_;
};

}  // namespace distd::portal
