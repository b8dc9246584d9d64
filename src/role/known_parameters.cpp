#include "role/known_parameters.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "base/settings/options_values.hpp"
#include "http/message/url.hpp"

namespace distd {
namespace {

std::string listed(std::span<const known_parameter> known) {
    if (known.empty()) return "none";
    std::string names = known.size() == 1 ? "" : "one of ";
    for (const auto& p : known) names.append(&p == known.data() ? "" : ", ").append(p.name);
    return names;
}

}  // namespace

std::optional<http::response> refuse_others(const http::request& q, std::span<const known_parameter> known) {
    const auto refuse = [](const std::string& problem) {
        return http::response::problem(400, "Wrong parameter: " + problem + ".");
    };
    std::set<std::string> seen;
    for (auto rest = q.query_text(); const auto field = http::take_field(rest);) {
        const auto name = http::form_decode(field->name).value_or(std::string());
        const auto p = std::ranges::find(known, name, &known_parameter::name);
        if (p == known.end())
            return refuse("the query: expected " + listed(known) + ", found '" + printable(name) + "'");
        if (!seen.insert(name).second && !p->may_repeat)
            return refuse(name + " occurs twice; it is taken once");
    }
    return std::nullopt;
}

}  // namespace distd
