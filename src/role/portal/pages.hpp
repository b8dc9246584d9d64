// The portal's pages as HTML. Pure: what is shown comes in, text comes out; nothing is asked and nobody is
// called.
#pragma once

#include <boost/json/object.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "role/portal/core/grade_book.hpp"
#include "role/portal/templates.hpp"
#include "role/portal/web_files.hpp"

namespace distd::portal {

// What stands in the form to add a grade: what was typed, and what was wrong with it.
struct grade_form {
    typed_grade typed;
    typed_grade_errors errors;
    std::string problem;  // about all of it, above the fields
};

// A service behind the portal cannot be used.
struct outage {
    std::string sentence;  // what is wrong
    std::optional<wall_point> since;
    std::string consequence;  // what it means for what the visitor wanted
    std::string retry_url;
    std::optional<std::int64_t> student_id;  // of a grade that was not stored: the page offers it again
    grade_form form;
};

struct service_state {
    std::string name;
    std::vector<std::string> addresses;
    std::optional<wall_point> away_since;  // with addresses: registered, but it does not answer
};

class pages {
public:
    pages(web_files files, std::string served_by);

    [[nodiscard]] std::string students(const std::vector<student>&) const;
    [[nodiscard]] std::string student_page(const student&, const grade_form& = {}) const;
    [[nodiscard]] std::string outage_page(const outage&, std::string_view request_id) const;
    [[nodiscard]] std::string message(std::string heading, std::string sentence,
                                      std::string_view request_id) const;
    [[nodiscard]] std::string status(const std::vector<service_state>&) const;

private:
    [[nodiscard]] std::string render(std::string_view name, std::string title,
                                     boost::json::object values) const;

    std::string served_by_;
    std::string icon_url_;
    std::string style_url_;
    templates templates_;
};

// "21 November 2026, 04:31:07 UTC", and the same as RFC 3339 for programs.
[[nodiscard]] std::string as_date_and_time(wall_point);
[[nodiscard]] std::string as_rfc3339(wall_point);

}  // namespace distd::portal
