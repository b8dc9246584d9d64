#include "client/verbs/log_request.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "base/ascii.hpp"
#include "base/log_levels.hpp"
#include "base/timestamp.hpp"
#include "http/message/url.hpp"

namespace distd::ops::client {
namespace {

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string as_expression(std::string_view pattern) {
    const bool is_lower = std::ranges::none_of(pattern, [](char c) { return c >= 'A' && c <= 'Z'; });
    std::string out = is_lower ? "/(?i)" : "/";
    for (const char c : pattern) {
        if (c == '/') out += '\\';
        out += c;
    }
    return out + '/';
}

std::string services_condition(const std::vector<std::string>& services) {
    std::string out;
    for (const auto& s : services) out += (out.empty() ? "(" : " or ") + ("service:" + in_quotes(s));
    return out + ")";
}

// What our own roles say of a request stands in fields.
std::string pattern_condition(std::string_view pattern) {
    const auto e = as_expression(pattern);
    return "(" + e + " or path:" + e + " or reason:" + e + ")";
}

std::string levels_of(std::string_view least) {
    std::string out;
    for (const auto level : log_levels) {
        out += (out.empty() ? "" : ",") + std::string(level);
        if (level == least) break;
    }
    return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> level_synonyms() {
    std::vector<std::pair<std::string, std::string>> all(level_spellings.begin(), level_spellings.end());
    for (int severity = 0; severity <= 7; ++severity)
        all.emplace_back(std::to_string(severity), level_of_severity(severity));
    return all;
}

std::string parameters_of(const log_selection& s, bool with_times) {
    std::vector<std::string> conditions;
    if (s.services.size() > 1) conditions.push_back(services_condition(s.services));
    if (!s.pattern.empty()) conditions.push_back(pattern_condition(s.pattern));
    if (!s.query.empty()) conditions.push_back(conditions.empty() ? s.query : "(" + s.query + ")");
    std::string q;
    for (const auto& c : conditions) q += (q.empty() ? "" : " ") + c;
    std::string out;
    if (s.services.size() == 1) http::append_parameter(out, "service", s.services.front());
    if (!s.level.empty()) http::append_parameter(out, "level", levels_of(s.level));
    http::append_parameter(out, "trace", s.trace);
    http::append_parameter(out, "q", q);
    if (with_times && s.from)
        http::append_parameter(out, "from", rfc3339(*s.from, time_digits::milliseconds));
    if (with_times && s.to) http::append_parameter(out, "to", rfc3339(*s.to, time_digits::milliseconds));
    return out.empty() ? out : "&" + out;
}

std::uint64_t number_of_line(std::string_view json_line) {
    // Stored lines begin with their number; others are parsed.
    constexpr std::string_view begin = R"({"seq":)";
    if (json_line.starts_with(begin)) {
        std::uint64_t n = 0;
        for (const char c : json_line.substr(begin.size())) {
            if (!ascii::is_digit(c)) break;
            n = n * 10 + static_cast<std::uint64_t>(c - '0');
        }
        return n;
    }
    json_error ignored;
    const auto row = parse_json(json_line, ignored);
    const auto* const seq = row && row->is_object() ? row->get_object().if_contains("seq") : nullptr;
    return seq && seq->is_int64() ? static_cast<std::uint64_t>(seq->get_int64()) : 0;
}

raw_answer split_lines(std::string_view body) {
    raw_answer out;
    while (!body.empty()) {
        const auto one = body.substr(0, body.find('\n'));
        body.remove_prefix(std::min(one.size() + 1, body.size()));
        if (one.empty()) continue;
        if (!one.starts_with(R"({"_incomplete")")) {
            out.lines.push_back({one, number_of_line(one)});
            continue;
        }
        json_error ignored;
        const auto row = parse_json(one, ignored);
        if (!row || !row->is_object()) continue;
        const auto* const what = row->get_object().if_contains("_incomplete");
        const auto* const after =
            what && what->is_object() ? what->get_object().if_contains("after") : nullptr;
        if (after && after->is_int64()) out.more = static_cast<std::uint64_t>(after->get_int64());
    }
    return out;
}

}  // namespace distd::ops::client
