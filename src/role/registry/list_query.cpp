#include "role/registry/list_query.hpp"

#include <algorithm>
#include <array>

#include "net/url.hpp"

namespace distd::registry {
namespace {

// As lists name them; and "drained", which holds beside one of the others.
constexpr std::array<std::string_view, 5> healths{"passing", "lost", "unproven", "unchecked", "drained"};

}  // namespace

std::string read_list_filter(std::string_view query, list_filter& out) {
    const auto value = [query](std::string_view parameter) {
        return http::form_value(query, parameter).value_or(std::string());
    };
    out.name = value("name");
    out.tags = http::form_values(query, "tag");
    std::erase(out.tags, std::string());
    out.zone = value("zone");
    out.health = value("health");
    if (!out.health.empty() && std::ranges::find(healths, out.health) == healths.end())
        return "health must be one of passing, lost, unproven, unchecked and drained";
    const auto offered = value("offered");
    if (!offered.empty() && offered != "0" && offered != "1") return "offered must be 1 or 0";
    out.only_offered = offered == "1";
    return {};
}

}  // namespace distd::registry
