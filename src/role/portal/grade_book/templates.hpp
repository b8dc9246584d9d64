// HTML from the Mustache templates of web/templates and a tree of values. Every value is escaped: no template
// may hold a tag that prints one as it is, so text that people typed can never become markup.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "role/portal/grade_book/web_files.hpp"

namespace distd::portal {

class templates {
public:
    // Reads every template at once when they are embedded; throws for one that is broken.
    explicit templates(web_files);
    ~templates();

    // The layout around the template of that name. `{{> other}}` in a template stands for that template's
    // text.
    [[nodiscard]] std::string render(std::string_view name, const boost::json::object& values) const;

private:
    struct impl;  // keeps the template engine out of every other file
    std::unique_ptr<impl> impl_;
};

}  // namespace distd::portal
