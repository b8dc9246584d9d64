// The portal's pages as HTML. Pure: what is shown comes in, text comes out; nothing is asked and nobody is
// called.
#pragma once

#include <boost/json/object.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "role/portal/csrf/csrf_token.hpp"
#include "role/portal/grade_book/class_records.hpp"
#include "role/portal/grade_book/grade_book.hpp"
#include "role/portal/grade_book/listing.hpp"
#include "role/portal/grade_book/score_sheet.hpp"
#include "role/portal/grade_book/templates.hpp"
#include "role/portal/grade_book/web_files.hpp"

namespace distd::portal {

// What stands in a form for a grade: what was typed, and what was wrong with it.
struct grade_form {
    typed_grade typed;
    typed_grade_errors errors;
    std::string problem;  // about all of it, above the fields
};

// A grade that is being changed. `theirs` is what somebody else made of it meanwhile.
struct grade_edit {
    std::int64_t student_id = 0;
    std::int64_t grade_id = 0;
    std::string student_name;
    std::int64_t version = 0;
    grade_form form;
    std::optional<grade> theirs;
};

// A student who is added, or renamed when there is an ID.
struct name_form {
    std::optional<std::int64_t> student_id;
    std::int64_t version = 0;
    typed_name typed;
    typed_name errors;
    std::string problem;
    std::optional<typed_name> theirs;
};

// The question before something is removed.
struct question {
    std::string heading;
    std::string sentence;
    std::string problem;
    std::string action;
    std::int64_t version = 0;
    std::string button;
    std::string back_url;
};

// A form that could not be taken and is offered again with all that it held.
struct kept_form {
    std::string action;
    form_fields fields;
    bool holds_table = false;  // sent as multipart
};

// A service behind the portal cannot be used.
struct outage {
    std::string heading = "The grade book is not available";
    std::string sentence = {};  // what is wrong
    std::optional<wall_point> since = {};
    std::string consequence = {};  // what it means for what the visitor wanted
    std::string retry_url = {};
    std::optional<std::int64_t> student_id = {};  // of a grade that was not stored: it is offered again
    grade_form form = {};
    std::optional<kept_form> kept = {};  // any other form
};

struct service_state {
    std::string name;
    std::vector<std::string> addresses;
    std::optional<wall_point> away_since;  // with addresses: registered, but it does not answer
};

class pages {
public:
    pages(web_files files, std::string served_by, double highest_score = default_highest_score);
    // The same values may give another page: the templates come from the disk, where somebody works on them.
    [[nodiscard]] bool may_change() const noexcept { return may_change_; }
    [[nodiscard]] double highest_score() const noexcept { return highest_score_; }

    [[nodiscard]] std::string students(const listing&, const listing_query&) const;
    [[nodiscard]] std::string student_page(const student&, const grade_form& = {},
                                           const csrf_token& = {}) const;
    [[nodiscard]] std::string edit_grade(const grade_edit&, const csrf_token&) const;
    [[nodiscard]] std::string edit_name(const name_form&, const csrf_token&) const;
    [[nodiscard]] std::string ask(const question&, const csrf_token&) const;
    [[nodiscard]] std::string history(const student&, const std::vector<history_entry>&,
                                      const std::string& problem, const csrf_token&) const;

    [[nodiscard]] std::string tests(const std::vector<test_figures>&, bool offered) const;
    [[nodiscard]] std::string distribution(const test_figures&) const;
    [[nodiscard]] std::string sheet(const score_sheet&, const listing&, const csrf_token&) const;
    [[nodiscard]] std::string import_form(const std::string& problem, const csrf_token&) const;
    [[nodiscard]] std::string import_preview(const import_report&, const std::string& table,
                                             const std::string& problem, const csrf_token&) const;

    [[nodiscard]] std::string outage_page(const outage&, std::string_view request_id,
                                          const csrf_token& = {}) const;
    [[nodiscard]] std::string send_again(const kept_form&, const csrf_token&,
                                         std::string_view request_id) const;
    [[nodiscard]] std::string message(std::string heading, std::string sentence,
                                      std::string_view request_id) const;
    [[nodiscard]] std::string status(const std::vector<service_state>&) const;

private:
    [[nodiscard]] std::string render(std::string_view name, std::string title,
                                     boost::json::object values) const;

    std::string served_by_;
    bool may_change_;
    double highest_score_;  // that a grade may have
    std::string icon_url_;
    std::string style_url_;
    std::string script_url_;
    templates templates_;
};

}  // namespace distd::portal
