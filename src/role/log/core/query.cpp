#include "role/log/core/query.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include "role/log/core/find_text.hpp"
#include "role/log/core/record.hpp"
#include "role/log/core/timestamp.hpp"
#include "role/log/core/tokens.hpp"

namespace distd::logs {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t n = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    return ec == std::errc() && end == text.data() + text.size() ? std::optional(n) : std::nullopt;
}

std::string refusal(std::string_view name, std::string_view expected, std::string_view found) {
    constexpr std::size_t shown = 60;
    return std::string(name) + ": expected " + std::string(expected) + ", found '" +
           std::string(found.substr(0, shown)) + "'";
}

// Each sets one part of the query; returns what would have been right, or nothing when it is.
using setter = const char* (*)(log_query&, const std::string& text);

const char* set_service(log_query& q, const std::string& text) {
    q.filter.service = escaped(text);
    return nullptr;
}
const char* set_trace(log_query& q, const std::string& text) {
    q.filter.trace = escaped(text);
    return nullptr;
}
const char* set_words(log_query& q, const std::string& text) {
    q.filter.words = text;
    q.filter.words_escaped = escaped(text);
    return nullptr;
}

const char* set_levels(log_query& q, const std::string& text) {
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find(',', start), text.size());
        if (end > start) q.filter.levels.push_back(escaped(normal_level(text.substr(start, end - start))));
        start = end + 1;
    }
    return nullptr;
}

const char* set_time(std::optional<std::int64_t>& place, std::string text) {
    // A '+' that was not escaped in a URL arrives as a space.
    constexpr std::size_t offset_length = 6;
    if (text.size() > offset_length && text[text.size() - offset_length] == ' ')
        text[text.size() - offset_length] = '+';
    place = parse_timestamp(text);
    return place ? nullptr : "a time like 2026-01-02T03:04:05Z";
}
const char* set_from(log_query& q, const std::string& text) { return set_time(q.filter.from_ns, text); }
const char* set_to(log_query& q, const std::string& text) { return set_time(q.filter.to_ns, text); }

const char* set_limit(log_query& q, const std::string& text) {
    const auto n = parse_number(text);
    if (!n || *n == 0 || *n > most_lines) return "a number from 1 to 1000000";
    q.limit = *n;
    return nullptr;
}

const char* set_after(log_query& q, const std::string& text) {
    q.after = parse_number(text);
    return q.after ? nullptr : "the \"seq\" of a line";
}

const char* set_order(log_query& q, const std::string& text) {
    q.oldest_first = text == "oldest";
    return text == "oldest" || text == "newest" ? nullptr : "newest or oldest";
}

struct parameter {
    std::string_view name;
    setter set;
};

// The first five are the ones of a tail.
constexpr parameter known_parameters[] = {
    {"service", set_service}, {"level", set_levels}, {"trace", set_trace},
    {"q", set_words},         {"after", set_after},  {"from", set_from},
    {"to", set_to},           {"limit", set_limit},  {"order", set_order}};
constexpr std::span<const parameter> all_parameters = known_parameters;
constexpr auto tail_parameters = all_parameters.first(5);

std::string listed(std::span<const parameter> known) {
    std::string names;
    for (const auto& p : known) names += (names.empty() ? "" : ", ") + std::string(p.name);
    return names;
}

read_query parse(const std::map<std::string, std::string, std::less<>>& sent,
                 std::span<const parameter> known) {
    log_query q;
    for (const auto& [name, text] : sent) {
        const auto p =
            std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.name == name; });
        if (p == known.end()) return {{}, refusal("the query", "one of " + listed(known), name)};
        if (text.empty()) continue;  // an empty field of a form
        if (const auto* expected = p->set(q, text)) return {{}, refusal(name, expected, text)};
    }
    return {std::move(q), {}};
}

}  // namespace

bool log_filter::matches(const stored_line& l) const {
    if (!service.empty() && l.service != service) return false;
    if (!levels.empty() && std::find(levels.begin(), levels.end(), l.level) == levels.end()) return false;
    if (!trace.empty() && l.trace != trace) return false;
    if (from_ns && l.time_ns < *from_ns) return false;
    if (to_ns && l.time_ns >= *to_ns) return false;
    return words.empty() || contains(l.message, words, words_escaped);
}

bool log_filter::may_match_text(std::string_view line) const {
    for (const auto* part : {&trace, &words_escaped, &service})
        if (!part->empty() && find_text(line, *part) == std::string_view::npos) return false;
    return true;
}

std::vector<std::uint64_t> log_filter::tokens() const {
    auto all = tokens_inside(words_escaped);
    for (const auto& whole : {trace, service})
        for (const auto token : tokens_of(whole)) all.push_back(token);
    return all;
}

read_query parse_query(const std::map<std::string, std::string, std::less<>>& parameters) {
    return parse(parameters, all_parameters);
}

read_query parse_tail_query(const std::map<std::string, std::string, std::less<>>& parameters) {
    return parse(parameters, tail_parameters);
}

read_context_query parse_context_query(const std::map<std::string, std::string, std::less<>>& parameters) {
    context_query q;
    for (const auto& [name, text] : parameters) {
        if (name == "same_service") {
            if (text != "0" && text != "1") return {{}, refusal(name, "0 or 1", text)};
            q.same_service = text == "1";
            continue;
        }
        if (name != "seq" && name != "before" && name != "after")
            return {{}, refusal("the query", "one of seq, before, after, same_service", name)};
        const auto n = parse_number(text);
        if (name == "seq" && (!n || *n == 0)) return {{}, refusal(name, "the \"seq\" of a line", text)};
        if (!n || (name != "seq" && *n > most_context))
            return {{}, refusal(name, "a number from 0 to 1000", text)};
        (name == "seq" ? q.seq : name == "before" ? q.before : q.after) = *n;
    }
    if (q.seq == 0) return {{}, "seq is missing: the number of the line in the middle"};
    return {q, {}};
}

}  // namespace distd::logs
