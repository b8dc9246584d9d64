#include "role/console/model/log_query.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/ascii.hpp"
#include "base/parse_number.hpp"
#include "base/timestamp.hpp"
#include "http/message/url.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t neighbours = 60;

std::uint64_t read_seq(const std::optional<std::string>& text) {
    return text ? parse_number<std::uint64_t>(*text).value_or(0) : 0;
}

std::vector<std::string> read_levels(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto one = text.substr(0, text.find(','));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        if (std::ranges::find(log_levels, one) != log_levels.end()) out.emplace_back(one);
    }
    return out;
}

std::string joined(const std::vector<std::string>& all) {
    std::string out;
    for (const auto& one : all) out.append(out.empty() ? "" : ",").append(one);
    return out;
}

using http::append_parameter;

void append_parameter(std::string& out, std::string_view name, std::uint64_t seq) {
    if (seq > 0) append_parameter(out, name, std::to_string(seq));
}

// The filters that lines and counts share.
std::string filters_of(const log_query& q) {
    std::string out;
    append_parameter(out, "q", q.text);
    append_parameter(out, "service", q.service);
    append_parameter(out, "trace", q.trace);
    if (q.ignores_case) append_parameter(out, "case", "ignore");
    return out;
}

seconds span_of(std::string_view span) {
    if (span == "15m") return std::chrono::minutes(15);
    if (span == "24h") return std::chrono::hours(24);
    if (span == "30d") return std::chrono::hours(30 * 24);
    return std::chrono::hours(1);
}

std::string times_of(const log_query& q, const time_window& w) {
    std::string out;
    append_parameter(out, "from", q.to.empty() ? rfc3339(w.from) : q.from);
    append_parameter(out, "to", q.to);
    return out;
}

bool is_word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

// The plain words and phrases of a query: what begins with a minus or names a field marks nothing.
std::vector<std::string> words_of_query(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        if (text[0] == ' ' || text[0] == '(' || text[0] == ')') {
            text.remove_prefix(1);
            continue;
        }
        const bool is_phrase = text[0] == '"';
        const auto body = is_phrase ? text.substr(1) : text;
        auto word = body.substr(0, body.find_first_of(is_phrase ? "\"" : " ()"));
        text = body.substr(std::min(word.size() + (is_phrase ? 1 : 0), body.size()));
        while (!is_phrase && word.ends_with('*')) word.remove_suffix(1);
        while (!is_phrase && word.starts_with('*')) word.remove_prefix(1);
        const bool is_plain = word.find_first_of(":/\\\"") == word.npos && !word.starts_with('-');
        const bool is_operator = word == "or" || word == "and" || word == "not";
        if (!word.empty() && (is_phrase || (is_plain && !is_operator))) out.emplace_back(word);
    }
    return out;
}

}  // namespace

bool log_query::has(std::string_view level) const { return std::ranges::find(levels, level) != levels.end(); }

std::string log_query::parameters() const {
    auto out = filters_of(*this);
    append_parameter(out, "level", joined(levels));
    if (to.empty() && span != "1h") append_parameter(out, "range", span);
    append_parameter(out, "from", from);
    append_parameter(out, "to", to);
    append_parameter(out, "before", before);
    append_parameter(out, "around", around);
    append_parameter(out, "line", line);
    return out;
}

std::string log_query::address() const {
    const auto all = parameters();
    return all.empty() ? "/logs" : "/logs?" + all;
}

log_query log_query::with(std::string_view condition) const {
    auto then = *this;
    then.before = then.around = then.line = 0;
    // A condition holds for both sides of an `or`.
    const bool has_sides = then.text.find(" or ") != std::string::npos;
    if (has_sides) then.text = "(" + then.text + ")";
    then.text.append(then.text.empty() ? "" : " ").append(condition);
    return then;
}

log_query read_log_query(const parameter_function& find) {
    log_query q;
    q.text = find("q").value_or("");
    q.service = find("service").value_or("");
    q.trace = find("trace").value_or("");
    q.levels = read_levels(find("level").value_or(""));
    q.ignores_case = find("case") == "ignore";
    const auto span = find("range").value_or("");
    if (std::ranges::find(log_spans, span) != std::end(log_spans)) q.span = span;
    const auto from = parse_rfc3339(find("from").value_or(""));
    const auto to = parse_rfc3339(find("to").value_or(""));
    if (from && to && *from < *to) {
        q.from = rfc3339(*from);
        q.to = rfc3339(*to);
    }
    q.before = read_seq(find("before"));
    q.around = read_seq(find("around"));
    q.line = read_seq(find("line"));
    return q;
}

time_window window_of(const log_query& q, wall_point now) {
    if (q.to.empty()) return window_before(now, span_of(q.span));
    return window_between(parse_rfc3339(q.from).value_or(now), parse_rfc3339(q.to).value_or(now));
}

std::string lines_request(const log_query& q, wall_point now) {
    if (q.around > 0) {
        std::string out = "/log/context?seq=" + std::to_string(q.around);
        append_parameter(out, "before", neighbours);
        append_parameter(out, "after", neighbours);
        return out;
    }
    auto out = filters_of(q);
    append_parameter(out, "level", joined(q.levels));
    out += (out.empty() ? "" : "&") + times_of(q, window_of(q, now));
    append_parameter(out, "limit", shown_lines);
    append_parameter(out, "after", q.before);
    return "/log?" + out;
}

std::string counts_request(const log_query& q, wall_point now) {
    const auto window = window_of(q, now);
    auto out = filters_of(q);
    append_parameter(out, "by", "level");
    append_parameter(out, "bucket", std::to_string(window.step.count()) + "s");
    return "/log/stats?" + out + "&" + times_of(q, window);
}

std::string condition_of(std::string_view field, std::string_view value) {
    std::string out = field == "message" ? "" : std::string(field) + ":";
    if (!value.empty() && std::ranges::all_of(value, is_word_character) && field != "message")
        return out.append(value);
    out += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::vector<marked_piece> mark_matches(std::string_view message, const log_query& q) {
    const auto words = words_of_query(q.text);
    const auto folded = [&](std::string_view text) {
        return q.ignores_case ? ascii::lowered(std::string(text)) : std::string(text);
    };
    const auto searched = folded(message);
    std::vector<marked_piece> out;
    std::size_t done = 0;
    while (done < message.size() && !words.empty()) {
        auto first = std::string::npos;
        std::size_t size = 0;
        for (const auto& word : words) {
            const auto at = searched.find(folded(word), done);
            if (at >= first) continue;
            first = at;
            size = word.size();
        }
        if (first == std::string::npos) break;
        if (first > done) out.push_back({std::string(message.substr(done, first - done)), false});
        out.push_back({std::string(message.substr(first, size)), true});
        done = first + size;
    }
    if (done < message.size()) out.push_back({std::string(message.substr(done)), false});
    return out;
}

}  // namespace distd::ops::console
