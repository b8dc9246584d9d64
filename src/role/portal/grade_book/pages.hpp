// Renders the portal's pages as HTML. Pure: takes all values as arguments, makes no calls.
#pragma once

#include <boost/json/object.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "role/portal/console/console_link.hpp"
#include "role/portal/csrf/csrf_token.hpp"
#include "role/portal/grade_book/grade_book.hpp"
#include "role/portal/grade_book/grading_records.hpp"
#include "role/portal/grade_book/score_sheet.hpp"
#include "role/portal/grade_book/student_list.hpp"
#include "role/web/templates.hpp"
#include "role/web/web_files.hpp"
#include "sdk/certificate_state.hpp"

namespace distd::portal {

// The content of a grade form: input and errors.
struct grade_form {
    typed_grade typed;
    typed_grade_errors errors;
    std::string problem;  // about the whole form, shown above the fields
};

// A grade being edited. `theirs`: the conflicting value that somebody else stored meanwhile.
struct grade_edit {
    std::int64_t student_id = 0;
    std::int64_t grade_id = 0;
    std::string student_name;
    std::int64_t version = 0;
    grade_form form;
    std::optional<grade> theirs;
};

// Adds a student, or renames one if there is an ID.
struct name_form {
    std::optional<std::int64_t> student_id;
    std::int64_t version = 0;
    typed_name typed;
    typed_name errors;
    std::string problem;
    std::optional<typed_name> theirs;
};

// The confirmation before something is removed.
struct question {
    std::string heading;
    std::string sentence;
    std::string problem;
    std::string action;
    std::int64_t version = 0;
    std::string button;
    std::string back_url;
};

// A form that was not accepted and is shown again with its input.
struct kept_form {
    std::string action;
    form_fields fields;
    bool holds_table = false;  // sent as multipart
};

// A service behind the portal is unavailable.
struct outage {
    std::string heading = "The grade book is not available";
    std::string sentence = {};  // what is wrong
    std::optional<wall_point> since = {};
    std::string consequence = {};  // what that means for the visitor's request
    std::string retry_url = {};
    std::optional<std::int64_t> student_id = {};  // of a grade that was not stored: its form is shown again
    grade_form form = {};
    std::optional<kept_form> kept = {};  // any other form
};

struct service_state {
    std::string name;
    std::vector<std::string> addresses;
    std::optional<wall_point> away_since;  // with addresses: registered, but not answering
};

class pages {
public:
    pages(web::web_files files, std::string served_by, double highest_score = default_highest_score);
    // True if the same values may render differently: templates are read from disk while they are edited.
    [[nodiscard]] bool may_change() const noexcept { return may_change_; }
    [[nodiscard]] double highest_score() const noexcept { return highest_score_; }

    [[nodiscard]] std::string students(const student_list&, const student_list_query&) const;
    [[nodiscard]] std::string student_page(const student&, const grade_form& = {},
                                           const csrf_token& = {}) const;
    [[nodiscard]] std::string edit_grade(const grade_edit&, const csrf_token&) const;
    [[nodiscard]] std::string edit_name(const name_form&, const csrf_token&) const;
    [[nodiscard]] std::string ask(const question&, const csrf_token&) const;
    [[nodiscard]] std::string history(const student&, const std::vector<history_entry>&,
                                      const std::string& problem, const csrf_token&) const;

    [[nodiscard]] std::string tests(const std::vector<test_figures>&, bool offered) const;
    [[nodiscard]] std::string distribution(const test_figures&) const;
    [[nodiscard]] std::string sheet(const score_sheet&, const student_list&, const csrf_token&) const;
    [[nodiscard]] std::string import_form(const std::string& problem, const csrf_token&) const;
    [[nodiscard]] std::string import_preview(const import_report&, const std::string& table,
                                             const std::string& problem, const csrf_token&) const;

    [[nodiscard]] std::string outage_page(const outage&, const request_reference&,
                                          const csrf_token& = {}) const;
    [[nodiscard]] std::string send_again(const kept_form&, const csrf_token&, const request_reference&) const;
    [[nodiscard]] std::string message(std::string heading, std::string sentence,
                                      const request_reference&) const;
    [[nodiscard]] std::string status(const std::vector<service_state>&,
                                     const std::vector<certificate_state>&) const;

private:
    [[nodiscard]] std::string render(std::string_view name, std::string title,
                                     boost::json::object values) const;

    std::string served_by_;
    bool may_change_;
    double highest_score_;  // of a grade
    std::string icon_url_;
    std::string style_url_;
    std::string script_url_;
    web::templates templates_;
};

}  // namespace distd::portal
