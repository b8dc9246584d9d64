#include "role/registry/list_query.hpp"

#include <algorithm>
#include <array>

#include "http/message/url.hpp"
#include "role/registry/core/listing.hpp"

namespace distd::registry {
namespace {

// As lists name them; and "drained", which holds beside one of the others.
constexpr std::array<std::string_view, 5> healths{"passing", "lost", "unproven", "unchecked", "drained"};

std::string read_fields(std::string_view text, std::vector<std::string>& out) {
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const auto name = text.substr(0, comma);
        if (!can_be_chosen(name))
            return "fields must be some of " + names_of_fields() + ", with commas between them";
        if (std::ranges::find(out, name) == out.end()) out.emplace_back(name);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    std::ranges::sort(out);  // two readers who name them in another order ask for the same
    return {};
}

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
    const auto details = value("details");
    if (!details.empty() && details != "0" && details != "1") return "details must be 1 or 0";
    out.details = details == "1";
    auto problem = read_fields(value("fields"), out.fields);
    if (problem.empty() && out.details && !out.fields.empty())
        return "details=1 is of whole instances, without fields";
    return problem;
}

}  // namespace distd::registry
