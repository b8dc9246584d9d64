// Renders the Mustache templates of a site. Every value is escaped, so user input can never become markup.
// The one exception are drawings of our own: a value whose name ends in `_svg` is an SVG that no text from
// outside went into, and is the only one that a template may put in as it is, {{{bar_svg}}}. A template with
// any other unescaped tag is refused.
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
    // Parses the embedded templates of these pages, and of these parts of pages, at once; throws for an
    // invalid one.
    templates(web_files, std::span<const std::string_view> pages,
              std::span<const std::string_view> parts = {});
    ~templates();

    // Renders the template inside the layout. `{{> other}}` includes another template.
    [[nodiscard]] std::string render(std::string_view name, const boost::json::object& values) const;
    // The same without the layout, for what a page's script puts in place of what it shows.
    [[nodiscard]] std::string render_part(std::string_view name, const boost::json::object& values) const;

private:
    struct impl;  // hides the template engine
    std::unique_ptr<impl> impl_;
};

}  // namespace distd::web
