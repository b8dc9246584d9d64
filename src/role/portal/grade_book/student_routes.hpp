// Routes about students: the list, a student, the name, the history. Every change is a POST that answers 303
// when done. Lives as long as the role.
#pragma once

#include <distd/service.hpp>

#include "role/portal/grade_book/grading_client.hpp"
#include "role/portal/grade_book/page_responder.hpp"
#include "role/portal/grade_book/shown_pages.hpp"

namespace distd::portal {

class student_routes {
public:
    student_routes(service&, const page_responder&, grading_client&);
    void mount();

private:
    [[nodiscard]] task<http::response> list(http::request q);
    [[nodiscard]] task<http::response> show(http::request q);
    [[nodiscard]] task<http::response> edit_name(http::request q);
    [[nodiscard]] task<http::response> rename(http::request q, kept_form sent);
    [[nodiscard]] http::response ask_for_name(http::request q);
    [[nodiscard]] task<http::response> enrol(http::request q, kept_form sent);
    [[nodiscard]] task<http::response> confirm_removal(http::request q);
    [[nodiscard]] task<http::response> remove_student(http::request q, kept_form sent);
    [[nodiscard]] task<http::response> history(http::request q);
    [[nodiscard]] task<http::response> undo(http::request q, kept_form sent);

    [[nodiscard]] task<http::response> show_history(int status, std::int64_t id, std::string problem,
                                                    http::request q);
    [[nodiscard]] http::response name_page(int status, const name_form&, const http::request& q) const;

    service& service_;
    const page_responder& responder_;
    grading_client& grading_;
    shown_pages lists_;
};

}  // namespace distd::portal
