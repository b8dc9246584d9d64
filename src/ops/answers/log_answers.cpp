#include "ops/answers/log_answers.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "base/timestamp.hpp"
#include "ops/answers/reason_words.hpp"
#include "ops/model/words.hpp"

namespace distd::ops {
namespace {

struct counted_service {
    std::string service;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(counted_service, (), (service, count))
struct counts_answer {
    std::vector<counted_service> counts;
};
BOOST_DESCRIBE_STRUCT(counts_answer, (), (counts))

struct counted_lines {
    std::string time, level;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(counted_lines, (), (time, level, count))
struct stats_answer {
    std::vector<counted_lines> counts;
    std::string incomplete;
};
BOOST_DESCRIBE_STRUCT(stats_answer, (), (counts, incomplete))

constexpr std::size_t max_fields = 300;  // characters

bool is_shown_elsewhere(std::string_view name) {
    constexpr std::string_view names[]{"seq", "time", "level", "service", "message", "_from"};
    return std::ranges::find(names, name) != std::end(names);
}

// The record of a request says in fields what it was: "502 GET /api/cart/items: connection_lost".
bool is_request(const json::object& row) {
    const auto* const message = row.if_contains("message");
    return message && message->is_string() && message->get_string() == "request" && row.contains("method") &&
           row.contains("path") && row.contains("status");
}
bool is_said_of_request(std::string_view name) {
    return name == "method" || name == "path" || name == "status" || name == "reason";
}

std::string text_of(const json::value& v, std::size_t max_shown) {
    return v.is_string() ? one_line(std::string_view(v.get_string()), max_shown)
                         : one_line(to_text(v), max_shown);
}

std::optional<log_line> to_line(const json::object& row, std::size_t max_shown) {
    if (!row.contains("message") && !row.contains("service")) return std::nullopt;
    const auto text_at = [&](std::string_view name) {
        const auto* const found = row.if_contains(name);
        return found ? text_of(*found, max_shown) : std::string();
    };
    log_line line;
    if (const auto* seq = row.if_contains("seq"); seq && seq->is_int64())
        line.seq = static_cast<std::uint64_t>(seq->get_int64());
    line.at = parse_rfc3339(text_at("time"));
    line.level = text_at("level");
    line.service = text_at("service");
    line.message = text_at("message");
    line.trace = text_at("trace");
    const bool tells_request = is_request(row);
    line.is_request = tells_request;
    if (tells_request) {
        line.message = text_at("status") + " " + text_at("method") + " " + text_at("path");
        // The gateway sends an empty one where the service itself answered.
        if (const auto reason = text_at("reason"); !reason.empty())
            line.message += ": " + reason_words(reason);
    }
    for (const auto& member : row) {
        if (is_shown_elsewhere(member.key())) continue;
        auto& [name, value] = line.members.emplace_back(one_line(std::string_view(member.key()), 80),
                                                        text_of(member.value(), max_shown));
        if (line.fields.size() > max_shown || (tells_request && is_said_of_request(name))) continue;
        line.fields += line.fields.empty() ? "" : " ";
        line.fields += name + "=" + value;
    }
    return line;
}

// Ids are for machines: the line itself shows them.
bool is_left_out(const log_line& l, std::string_view name) {
    constexpr std::string_view ids[]{"trace", "span", "parent", "request_id", "instance"};
    constexpr std::string_view in_words[]{"method",      "path",   "status", "reason",
                                          "duration_us", "remote", "bytes"};
    return std::ranges::find(ids, name) != std::end(ids) ||
           (l.is_request && std::ranges::find(in_words, name) != std::end(in_words));
}

}  // namespace

std::string fields_of(const log_line& l) {
    std::string out;
    if (const auto took = l.number("duration_us"); took && l.is_request)
        out = as_latency(static_cast<double>(*took)).text();
    for (const auto& [name, value] : l.members) {
        if (value.empty() || is_left_out(l, name)) continue;
        out.append(out.empty() ? "" : " ").append(name).append("=").append(value);
        if (out.size() > max_fields) break;
    }
    return one_line(out, max_fields);
}

std::optional<std::map<std::string, std::int64_t>> read_error_counts(std::string_view json_text) {
    json_error ignored;
    const auto answer = from_json<counts_answer>(json_text, ignored);
    if (!answer) return std::nullopt;
    std::map<std::string, std::int64_t> out;
    for (const auto& row : answer->counts) out[row.service] += row.count;
    return out;
}

std::optional<log_counts> read_log_counts(std::string_view json_text) {
    json_error ignored;
    auto answer = from_json<stats_answer>(json_text, ignored);
    if (!answer) return std::nullopt;
    log_counts out;
    out.incomplete = std::move(answer->incomplete);
    for (auto& row : answer->counts)
        out.rows.push_back({parse_rfc3339(row.time), std::move(row.level), row.count});
    return out;
}

std::vector<log_line> read_log_lines(std::string_view json_lines, std::size_t max_characters) {
    std::vector<log_line> out;
    json_error ignored;
    while (!json_lines.empty()) {
        const auto one = json_lines.substr(0, json_lines.find('\n'));
        json_lines.remove_prefix(std::min(one.size() + 1, json_lines.size()));
        const auto row = parse_json(one, ignored);
        if (!row || !row->is_object()) continue;
        if (auto line = to_line(row->get_object(), max_characters)) out.push_back(*std::move(line));
    }
    return out;
}

}  // namespace distd::ops
