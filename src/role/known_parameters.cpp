#include "role/known_parameters.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "base/parse_number.hpp"
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
    std::set<std::string> seen;
    for (auto rest = q.query_text(); const auto field = http::take_field(rest);) {
        const auto name = http::form_decode(field->name).value_or(std::string());
        const auto p = std::ranges::find(known, name, &known_parameter::name);
        if (p == known.end())
            return wrong_parameter("the query: expected " + listed(known) + ", found '" + printable(name) +
                                   "'");
        if (!seen.insert(name).second && !p->may_repeat)
            return wrong_parameter(name + " occurs twice; it is taken once");
    }
    return std::nullopt;
}

http::response wrong_parameter(std::string_view problem) {
    return http::response::problem(400, "Wrong parameter: " + std::string(problem) + ".");
}

std::optional<http::response> read_number(const http::request& q, std::string_view name, std::int64_t min,
                                          std::int64_t max, std::int64_t& value) {
    const auto sent = q.query(name);
    if (!sent) return std::nullopt;
    const auto number = sent->starts_with('-') ? std::nullopt : parse_number<std::int64_t>(*sent);
    if (number && *number >= min && *number <= max) {
        value = *number;
        return std::nullopt;
    }
    return wrong_parameter(std::string(name) + " must be a number from " + std::to_string(min) + " to " +
                           std::to_string(max));
}

}  // namespace distd
