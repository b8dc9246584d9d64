// Renders the Mustache templates of web/templates. Every value is escaped: templates with an unescaped tag
// are refused, so user input can never become markup.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "role/portal/grade_book/web_files.hpp"

namespace distd::portal {

class templates {
public:
    // Parses every embedded template at once; throws for an invalid one.
    explicit templates(web_files);
    ~templates();

    // Renders the template inside the layout. `{{> other}}` includes another template.
    [[nodiscard]] std::string render(std::string_view name, const boost::json::object& values) const;

private:
    struct impl;  // hides the template engine
    std::unique_ptr<impl> impl_;
};

}  // namespace distd::portal
