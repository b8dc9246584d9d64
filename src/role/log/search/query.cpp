#include "role/log/search/query.hpp"

#include <algorithm>
#include <iterator>

#include "base/assert.hpp"
#include "base/log_levels.hpp"
#include "base/parse_number.hpp"
#include "role/log/line/find_text.hpp"
#include "role/log/line/timestamp.hpp"
#include "role/log/line/tokens.hpp"

namespace distd::logs {
namespace {

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
const char* set_levels(log_query& q, const std::string& text) {
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find(',', start), text.size());
        if (end > start) q.filter.levels.push_back(escaped(normal_level(text.substr(start, end - start))));
        start = end + 1;
    }
    return q.filter.levels.empty() ? "a level, or several with commas" : nullptr;
}

const char* set_time(std::optional<std::int64_t>& place, std::string text) {
    constexpr std::size_t date_length = 10;
    if (text.size() == date_length && text.find('-') != std::string::npos) text += "T00:00:00Z";
    place = parse_timestamp(text);
    if (!place) place = parse_epoch(text);
    // A '+' that was not escaped in a URL arrives as a space.
    const auto space = text.rfind(' ');
    if (!place && space != std::string::npos && space > date_length) {
        text[space] = '+';
        place = parse_timestamp(text);
    }
    return place ? nullptr : "a time like 2026-01-02T03:04:05Z";
}
const char* set_from(log_query& q, const std::string& text) { return set_time(q.filter.from_ns, text); }
const char* set_to(log_query& q, const std::string& text) { return set_time(q.filter.to_ns, text); }

const char* set_limit(log_query& q, const std::string& text) {
    const auto n = parse_number<std::uint64_t>(text);
    if (!n || *n == 0 || *n > max_lines) return "a number from 1 to 1000000";
    q.limit = *n;
    return nullptr;
}

const char* set_after(log_query& q, const std::string& text) {
    q.after = parse_number<std::uint64_t>(text);
    return q.after ? nullptr : "the \"seq\" of a line";
}

const char* set_order(log_query& q, const std::string& text) {
    q.oldest_first = text == "oldest" || text == "asc";
    return q.oldest_first || text == "newest" || text == "desc" ? nullptr : "newest or oldest (desc or asc)";
}

const char* set_format(log_query& q, const std::string& text) {
    q.as_text = text == "text";
    return text == "text" || text == "json" ? nullptr : "json or text";
}

// "q" is read when all the others are: see read_text.
const char* set_text(log_query&, const std::string&) { return nullptr; }
const char* set_case(log_query&, const std::string& text) {
    return text == "ignore" || text == "exact" ? nullptr : "exact or ignore";
}

struct parameter {
    std::string_view name;
    setter set;
};

constexpr parameter all_parameters[] = {{"service", set_service}, {"level", set_levels}, {"trace", set_trace},
                                        {"q", set_text},          {"case", set_case},    {"after", set_after},
                                        {"from", set_from},       {"to", set_to},        {"limit", set_limit},
                                        {"order", set_order},     {"format", set_format}};

// A part of `q` that asks for a whole service, level or trace does so by the filter's own fields, too: whole
// blocks of lines are passed over by those. True: they say all that `e` does.
bool lift(const expression& e, log_filter& f) {
    if (e.is == expression::kind::all) {
        std::size_t lifted = 0;
        for (const auto& part : e.parts) lifted += lift(part, f) ? 1 : 0;
        return lifted == e.parts.size();
    }
    const auto& t = e.test;
    const bool is_plain = e.is == expression::kind::test && t.is == text_test::kind::whole && !t.open_left &&
                          !t.open_right && !t.ignores_case && !t.text.empty();
    if (!is_plain) return false;
    for (const auto& [name, place] : {std::pair("service", &f.service), std::pair("trace", &f.trace)})
        if (t.field == name && place->empty()) {
            *place = escaped(t.text);
            return true;
        }
    const bool is_level = t.field == "level" && f.levels.empty();
    if (is_level) f.levels.push_back(escaped(t.text));
    return is_level;
}

// Why it cannot be understood; empty: it is.
std::string read_text(log_filter& f, const std::string& text, bool ignores_case) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return {};
    auto parsed = parse_expression(text, ignores_case);
    if (!parsed.error.empty()) return "q, " + parsed.error;
    f.words = parsed.value.needed_text();
    f.words_escaped = escaped(f.words);
    const bool says_all = lift(parsed.value, f);
    if (!says_all) f.text = std::make_shared<const expression>(std::move(parsed.value));
    return {};
}

}  // namespace

bool log_filter::matches(const stored_line& l, work_meter& meter) const {
    meter.begin_line();
    if (!service.empty() && l.service != service) return false;
    if (!levels.empty() && std::find(levels.begin(), levels.end(), l.level) == levels.end()) return false;
    if (!trace.empty() && l.trace != trace) return false;
    if (from_ns && l.time_ns < *from_ns) return false;
    if (to_ns && l.time_ns >= *to_ns) return false;
    if (l.message.find(words_escaped) == std::string_view::npos) return false;
    return text == nullptr || text->matches(l, meter);
}

bool log_filter::is_costly() const {
    constexpr std::size_t cheap = 64;  // so many tests cost what reading the line does
    return text != nullptr && (text->regexes() > 0 || text->cost() > cheap);
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
    if (text != nullptr)
        for (const auto& word : text->needed_words())
            for (const auto token : tokens_of(word)) all.push_back(token);
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

read_query parse_query(const std::map<std::string, std::string, std::less<>>& sent) {
    log_query q;
    for (const auto& [name, text] : sent) {
        const auto p = std::ranges::find(all_parameters, name, &parameter::name);
        DISTD_ASSERT(p != std::end(all_parameters));
        if (text.empty()) continue;  // an empty field of a form
        if (const auto* expected = p->set(q, text)) return {{}, refusal(name, expected, text)};
    }
    const auto value_of = [&sent](const char* name) {
        const auto found = sent.find(name);
        return found == sent.end() ? std::string() : found->second;
    };
    if (q.filter.from_ns > q.filter.to_ns && q.filter.to_ns)
        return {{}, refusal("from", "a time that is not after `to`", value_of("from"))};
    auto wrong = read_text(q.filter, value_of("q"), value_of("case") == "ignore");
    if (!wrong.empty()) return {{}, std::move(wrong)};
    return {std::move(q), {}};
}

read_context_query parse_context_query(const std::map<std::string, std::string, std::less<>>& sent) {
    auto parameters = sent;
    context_query q;
    if (const auto same = parameters.extract("same_service")) {
        if (same.mapped() != "0" && same.mapped() != "1")
            return {{}, refusal(same.key(), "0 or 1", same.mapped())};
        q.same_service = same.mapped() == "1";
    }
    const auto middle = parameters.extract("seq");
    if (!middle) return {{}, "seq is missing: the number of the line in the middle"};
    q.seq = parse_number<std::uint64_t>(middle.mapped()).value_or(0);
    if (q.seq == 0) return {{}, refusal("seq", "the \"seq\" of a line", middle.mapped())};
    for (const auto& [name, place] : {std::pair("before", &q.before), std::pair("after", &q.after)}) {
        const auto count = parameters.extract(name);
        if (!count) continue;
        const auto n = parse_number<std::uint64_t>(count.mapped());
        if (!n || *n > max_context) return {{}, refusal(name, "a number from 0 to 1000", count.mapped())};
        *place = *n;
    }
    auto rest = parse_query(parameters);
    if (!rest.value) return {{}, std::move(rest.error)};
    q.filter = std::move(rest.value->filter);
    if (q.same_service && !q.filter.service.empty())
        return {{}, "same_service: expected no other service beside it, found '" + q.filter.service + "'"};
    return {std::move(q), {}};
}

}  // namespace distd::logs
