// The pages about students one by one: the list, a student, their grades, their history. Every change is a
// POST that answers 303 when it is done. Lives as long as the role.
#pragma once

#include <distd/service.hpp>

#include "role/portal/core/shown_pages.hpp"
#include "role/portal/front_desk.hpp"
#include "role/portal/grading_client.hpp"

namespace distd::portal {

class student_routes {
public:
    student_routes(service&, const front_desk&, grading_client&);
    void mount();

private:
    [[nodiscard]] task<http::response> list(http::request q);
    [[nodiscard]] task<http::response> show(http::request q);
    [[nodiscard]] task<http::response> add_grade(http::request q);
    struct named_grade {
        std::optional<http::response> instead;  // what to answer when it is not there
        student of;
        grade value;
    };
    [[nodiscard]] task<named_grade> find_named(http::request q);
    [[nodiscard]] task<http::response> edit_grade(http::request q);
    [[nodiscard]] task<http::response> change_grade(http::request q);
    [[nodiscard]] task<http::response> ask_to_delete_grade(http::request q);
    [[nodiscard]] task<http::response> delete_grade(http::request q);
    [[nodiscard]] task<http::response> edit_name(http::request q);
    [[nodiscard]] task<http::response> rename(http::request q);
    [[nodiscard]] http::response ask_for_name(http::request q);
    [[nodiscard]] task<http::response> enrol(http::request q);
    [[nodiscard]] task<http::response> ask_to_expel(http::request q);
    [[nodiscard]] task<http::response> expel(http::request q);
    [[nodiscard]] task<http::response> history(http::request q);
    [[nodiscard]] task<http::response> undo(http::request q);

    [[nodiscard]] task<http::response> show_student_again(int status, std::int64_t id, grade_form form,
                                                          http::request q);
    [[nodiscard]] task<http::response> show_edit_again(grade_edit e, http::request q);
    // Somebody else was faster: shows both grades, or says that theirs is gone.
    [[nodiscard]] task<http::response> show_both(grade_edit e, refusal said, http::request q);
    [[nodiscard]] task<http::response> show_history(int status, std::int64_t id, std::string problem,
                                                    http::request q);
    [[nodiscard]] http::response name_page(int status, const name_form&, const http::request& q) const;
    [[nodiscard]] http::response question_page(int status, const question&, const http::request& q) const;

    service& service_;
    const front_desk& desk_;
    grading_client& grading_;
    shown_pages lists_;
};

}  // namespace distd::portal
