// Renders the Mustache templates of a site. Every value is escaped: templates with an unescaped tag
// are refused, so user input can never become markup.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "role/web/web_files.hpp"

namespace distd::web {

class templates {
public:
    // Parses the embedded templates of these pages at once; throws for an invalid one.
    templates(web_files, std::span<const std::string_view> pages);
    ~templates();

    // Renders the template inside the layout. `{{> other}}` includes another template.
    [[nodiscard]] std::string render(std::string_view name, const boost::json::object& values) const;

private:
    struct impl;  // hides the template engine
    std::unique_ptr<impl> impl_;
};

}  // namespace distd::web
