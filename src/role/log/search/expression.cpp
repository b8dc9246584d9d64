#include "role/log/search/expression.hpp"

#include <re2/re2.h>
#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "base/parse_number.hpp"
#include "role/log/line/json_scan.hpp"
#include "role/log/line/tokens.hpp"

namespace distd::logs {
namespace {

// What words are made of; above ASCII everything counts as a letter.
bool is_word_byte(char c) noexcept {
    return ascii::is_alnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_inside_word(std::string_view text, std::size_t at) noexcept {
    return at > 0 && at < text.size() && is_word_byte(text[at - 1]) && is_word_byte(text[at]);
}

bool has_part(std::string_view text, const text_test& t) noexcept {
    for (auto at = text.find(t.text); at != std::string_view::npos; at = text.find(t.text, at + 1)) {
        const bool begins = t.open_left || !is_inside_word(text, at);
        const bool ends = t.open_right || !is_inside_word(text, at + t.text.size());
        if (begins && ends) return true;
    }
    return false;
}

bool is_whole(std::string_view text, const text_test& t) noexcept {
    if (t.open_left && t.open_right) return text.find(t.text) != std::string_view::npos;
    if (t.open_left) return text.ends_with(t.text);
    return t.open_right ? text.starts_with(t.text) : text == t.text;
}

// "a.b" is the member of that name, or the member "b" of the member "a".
std::optional<json_part> find_member(json_items items, std::string_view name) {
    json_part key;
    json_part value;
    std::string scratch;
    std::optional<json_part> found;
    while (items.next(key, value)) {
        const auto text = text_of(key, scratch);
        if (text == name) return value;
        const bool leads_there = value.kind == json_kind::object && name.size() > text.size() + 1 &&
                                 name.starts_with(text) && name[text.size()] == '.';
        if (leads_there && !found) found = find_member(json_items(value.text), name.substr(text.size() + 1));
    }
    return found;
}

bool matches_value(const json_part& value, const text_test& t, work_meter& meter) {
    if (value.kind == json_kind::array && t.is != text_test::kind::present) {
        json_part element;
        for (json_items elements(value.text); elements.next(element);)
            if (matches_value(element, t, meter)) return true;
        return false;
    }
    std::string scratch;
    return t.matches_text(value.kind == json_kind::string ? text_of(value, scratch) : value.text, meter);
}

// A text as it stands in the journal, escapes and all.
bool matches_stored(std::string_view stored, const text_test& t, work_meter& meter) {
    if (stored.find('\\') == std::string_view::npos) return t.matches_text(stored, meter);
    std::string text;
    append_decoded(text, stored);
    return t.matches_text(text, meter);
}

// Without the first one when it may go on to the left, and the last when it may to the right.
std::vector<std::string> whole_words(const text_test& t) {
    const auto text = escaped(t.text);
    std::vector<std::string> words;
    for_each_token(text, [&](std::uint64_t, std::size_t start, std::size_t end) {
        const bool is_cut = (start == 0 && t.open_left) || (end == text.size() && t.open_right);
        if (is_cut) return;
        auto& word = words.emplace_back(text.substr(start, end - start));
        std::ranges::transform(word, word.begin(), ascii::lower);
    });
    return words;
}

}  // namespace

bool text_test::matches(const stored_line& l, work_meter& meter) const {
    if (field.empty()) return matches_stored(l.message, *this, meter);
    if (field == "level") return matches_stored(l.level, *this, meter);
    if (field == "service") return !l.service.empty() && matches_stored(l.service, *this, meter);
    if (field == "trace") return !l.trace.empty() && matches_stored(l.trace, *this, meter);
    meter.spend(l.further.size());
    const auto value = find_member(json_items::behind_a_member(l.further), field);
    return value && matches_value(*value, *this, meter);
}

bool text_test::matches_text(std::string_view t, work_meter& meter) const {
    meter.spend(t.size() * std::max<std::size_t>(program, 1));
    std::string folded;
    if (ignores_case && (is == kind::part || is == kind::whole)) {
        folded.resize(t.size());
        std::ranges::transform(t, folded.begin(), ascii::lower);
        t = folded;
    }
    const auto value = [t] { return parse_number<double>(t); };
    switch (is) {
        case kind::part: return has_part(t, *this);
        case kind::whole: return is_whole(t, *this);
        case kind::regex: return RE2::PartialMatch(re2::StringPiece(t.data(), t.size()), *regex);
        case kind::less: return value().value_or(number) < number;
        case kind::at_most: return value() && *value() <= number;
        case kind::more: return value().value_or(number) > number;
        case kind::at_least: return value() && *value() >= number;
        case kind::present: return true;
    }
    return false;
}

bool expression::matches(const stored_line& l, work_meter& meter) const {
    const auto holds = [&](const expression& e) { return e.matches(l, meter); };
    switch (is) {
        case kind::all: return std::ranges::all_of(parts, holds);
        case kind::any: return std::ranges::any_of(parts, holds);
        case kind::none: return std::ranges::none_of(parts, holds);
        case kind::test: return test.matches(l, meter);
    }
    return false;
}

expression::looks_at expression::needs() const {
    if (is == kind::test) {
        if (test.field.empty()) return looks_at::message;
        const bool is_known = test.field == "level" || test.field == "service" || test.field == "trace";
        return is_known ? looks_at::known_fields : looks_at::whole_line;
    }
    auto max = looks_at::message;
    for (const auto& part : parts) max = std::max(max, part.needs());
    return max;
}

std::size_t expression::cost() const {
    std::size_t sum = is == kind::test ? 1 + test.program : 0;
    for (const auto& part : parts) sum += part.cost();
    return sum;
}

std::size_t expression::regexes() const {
    std::size_t sum = is == kind::test && test.is == text_test::kind::regex ? 1 : 0;
    for (const auto& part : parts) sum += part.regexes();
    return sum;
}

std::string expression::needed_text() const {
    if (is == kind::test) {
        const bool is_text = test.is == text_test::kind::part || test.is == text_test::kind::regex;
        return is_text && test.field.empty() && !test.ignores_case ? test.text : std::string();
    }
    std::string longest;
    if (is != kind::all) return longest;
    for (const auto& part : parts)
        if (auto text = part.needed_text(); text.size() > longest.size()) longest = std::move(text);
    return longest;
}

std::vector<std::string> expression::needed_words() const {
    std::vector<std::string> words;
    if (is == kind::test) {
        const bool is_text = test.is == text_test::kind::part || test.is == text_test::kind::whole;
        // A level is no text that one searches for: see log_filter::levels. And an object is asked for as it
        // stands in the journal, where a backslash means something else than in a text.
        const bool is_known =
            test.field != "level" && (test.field.empty() || test.text.find('\\') == std::string::npos);
        if (is_text && is_known) words = whole_words(test);
    }
    if (is == kind::all) {
        for (const auto& part : parts)
            for (auto& word : part.needed_words()) words.push_back(std::move(word));
    }
    if (is == kind::any) {
        words = parts.front().needed_words();
        for (const auto& part : parts) {
            const auto others = part.needed_words();
            std::erase_if(words, [&](const auto& w) { return std::ranges::find(others, w) == others.end(); });
        }
    }
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

}  // namespace distd::logs
