// Routes about the whole class: statistics of tests, one test for all students, import and export. Lives as
// long as the role.
#pragma once

#include <distd/service.hpp>

#include "role/portal/grade_book/grading_client.hpp"
#include "role/portal/grade_book/page_responder.hpp"

namespace distd::portal {

class test_routes {
public:
    test_routes(service&, const page_responder&, grading_client&);
    void mount();

private:
    [[nodiscard]] task<http::response> tests(http::request q);
    [[nodiscard]] task<http::response> distribution(http::request q);
    [[nodiscard]] task<http::response> empty_sheet(http::request q);
    [[nodiscard]] task<http::response> take_sheet(http::request q, kept_form sent);
    [[nodiscard]] task<http::response> show_sheet(int status, score_sheet, http::request q);
    [[nodiscard]] task<http::response> export_table(http::request q);
    [[nodiscard]] http::response choose_table(http::request q);
    [[nodiscard]] task<http::response> preview(http::request q, kept_form sent);
    [[nodiscard]] task<http::response> confirm(http::request q, kept_form sent);
    // The preview: a dry run of the table in the form; `problem` is shown above it.
    [[nodiscard]] task<http::response> show_preview(int status, kept_form sent, std::string problem,
                                                    http::request q);
    [[nodiscard]] http::response import_page(int status, const std::string& problem,
                                             const http::request& q) const;
    [[nodiscard]] http::response imported(http::request q) const;

    service& service_;
    const page_responder& responder_;
    grading_client& grading_;
};

}  // namespace distd::portal
