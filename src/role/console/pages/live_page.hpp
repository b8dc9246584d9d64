// A page as values for its templates, and which parts of it change while it is looked at. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::ops::console {

namespace json = boost::json;

// A part is one element, with an id, that the page's script replaces when its values change. Its values are
// the page's under `key`, or one row of the list there.
struct live_part {
    std::string id;
    std::string_view template_name;
    std::string_view key;
    std::optional<std::size_t> row{};
};

struct live_page {
    int status = 200;
    std::string title;
    std::string_view tone = "well";  // of the tab's icon: well, sick or unknown
    std::string live;  // the parameters under which /live sends what changes; empty: nothing does
    json::object values;
    std::vector<live_part> parts;
    std::vector<std::string> order;  // of the rows, by their ids

    void add(std::string_view key, std::string_view id, std::string_view template_name, json::object part);
    void add_rows(std::string_view key, std::string_view template_name, json::array rows);
    [[nodiscard]] const json::object& values_of(const live_part&) const;
};

// A short id for an element that stands for something with a name from outside.
[[nodiscard]] std::string id_of(char kind, std::string_view name);

}  // namespace distd::ops::console
