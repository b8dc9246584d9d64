// Recursive descent over the text of `q`; each function reads what it is named after.
#include <re2/re2.h>
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "base/ascii.hpp"
#include "base/log_levels.hpp"
#include "role/log/search/expression.hpp"
#include "role/log/search/needed_text.hpp"

namespace distd::logs {
namespace {

constexpr int deepest = 32;

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool begins_name(char c) noexcept {
    return ascii::is_letter(c) || c == '_' || c == '@' || static_cast<unsigned char>(c) >= 0x80;
}

class parser {
public:
    parser(std::string_view text, bool ignores_case) : text_(text), ignores_case_(ignores_case) {}

    parsed_expression read() {
        parsed_expression out;
        out.value = any(0);
        skip_blanks();
        if (error_.empty() && at_ < text_.size()) fail("a word, a phrase or the end");
        out.error = std::move(error_);
        return out;
    }

private:
    [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    [[nodiscard]] bool at_end() const noexcept { return at_ >= text_.size(); }
    void skip_blanks() noexcept {
        while (!at_end() && is_blank(peek())) ++at_;
    }

    void fail(const std::string& expected) {
        if (!error_.empty()) return;
        constexpr std::size_t shown = 20;
        const auto found =
            at_end() ? std::string("the end") : "'" + std::string(text_.substr(at_, shown)) + "'";
        error_ = "at character " + std::to_string(at_ + 1) + ": expected " + expected + ", found " + found;
    }

    // The next word when it is that one, in any letter case; passes over it then.
    bool keyword(std::string_view word) {
        skip_blanks();
        const auto behind = at_ + word.size();
        if (!ascii::equal_ignoring_case(text_.substr(at_, word.size()), word)) return false;
        const bool goes_on =
            behind < text_.size() && !is_blank(text_[behind]) && text_[behind] != '(' && text_[behind] != ')';
        if (goes_on) return false;
        at_ = behind;
        return true;
    }

    expression any(int depth) {
        auto first = all(depth);
        expression out;
        while (error_.empty() && keyword("or")) {
            if (out.parts.empty()) out.parts.push_back(std::move(first));
            out.parts.push_back(all(depth));
        }
        if (out.parts.empty()) return first;
        out.is = expression::kind::any;
        return out;
    }

    expression all(int depth) {
        expression out;
        for (;;) {
            out.parts.push_back(one(depth));
            const bool promises_more = keyword("and");
            skip_blanks();
            if (!error_.empty()) break;
            if (!promises_more && (at_end() || peek() == ')' || next_is("or"))) break;
        }
        return out.parts.size() == 1 ? std::move(out.parts.front()) : std::move(out);
    }

    bool next_is(std::string_view word) {
        const auto kept = at_;
        const bool is_there = keyword(word);
        at_ = kept;
        return is_there;
    }

    expression one(int depth) {
        skip_blanks();
        const bool is_minus = peek() == '-' && at_ + 1 < text_.size() && !is_blank(text_[at_ + 1]);
        if (is_minus || keyword("not")) {
            if (is_minus) ++at_;
            if (depth >= deepest) return too_deep();
            expression out;
            out.is = expression::kind::none;
            out.parts.push_back(one(depth + 1));
            return out;
        }
        if (peek() == '(') {
            if (depth >= deepest) return too_deep();
            ++at_;
            auto out = any(depth + 1);
            skip_blanks();
            if (peek() == ')')
                ++at_;
            else
                fail("')'");
            return out;
        }
        return test();
    }

    expression too_deep() {
        fail("at most " + std::to_string(deepest) + " parentheses and nots in each other");
        return {};
    }

    expression test() {
        expression out;
        out.is = expression::kind::test;
        out.test.ignores_case = ignores_case_;
        const auto start = at_;
        if (at_end() || peek() == ')' || peek() == ':' || next_is("and") || next_is("or")) {
            fail("a word, a \"phrase\", a /regex/ or field:value");
            return out;
        }
        out.test.field = field_name();
        if (out.test.field.empty()) at_ = start;
        if (out.test.field == "time" || out.test.field == "seq") {
            at_ = start;
            fail("another field (times are asked for with from and to, numbers with after), or a \"phrase\"");
            return out;
        }
        value(out.test);
        if (!error_.empty()) return out;
        if (out.test.field == "message") out.test.field.clear();
        const bool is_field = !out.test.field.empty();
        if (is_field && out.test.is == text_test::kind::part) out.test.is = text_test::kind::whole;
        if (out.test.field == "level" && !out.test.open_left && !out.test.open_right &&
            out.test.is == text_test::kind::whole)
            out.test.text = normal_level(out.test.text);
        return out;
    }

    // `name:` before a value; empty, and anywhere, when there is none.
    std::string field_name() {
        if (!begins_name(peek())) return {};
        const auto start = at_;
        while (!at_end() && !is_blank(peek()) &&
               std::string_view("():\"/").find(peek()) == std::string_view::npos)
            ++at_;
        const bool is_field = peek() == ':' && !text_.substr(at_).starts_with("://");
        std::string name(text_.substr(start, at_ - start));
        if (is_field) ++at_;
        return is_field ? name : std::string();
    }

    void value(text_test& t) {
        const bool is_field = !t.field.empty();
        if (is_regex()) return regex(t);
        if (is_field && (peek() == '<' || peek() == '>')) return comparison(t);
        if (peek() == '*' && (at_ + 1 == text_.size() || is_blank(text_[at_ + 1]) || text_[at_ + 1] == ')')) {
            ++at_;
            t.is = text_test::kind::present;
            return;
        }
        if (peek() == '*') {
            t.open_left = true;
            ++at_;
        }
        if (peek() == '"')
            phrase(t);
        else
            word(t);
        if (ignores_case_) t.text = ascii::lowered(std::move(t.text));
    }

    void word(text_test& t) {
        const auto start = at_;
        while (!at_end() && !is_blank(peek()) && peek() != '(' && peek() != ')') ++at_;
        t.text = std::string(text_.substr(start, at_ - start));
        if (t.text.ends_with('*')) {
            t.open_right = true;
            t.text.pop_back();
        }
        if (t.text.empty()) fail(t.field.empty() ? "a word" : "a value after '" + t.field + ":'");
    }

    void phrase(text_test& t) {
        const auto start = at_++;
        while (!at_end() && peek() != '"') {
            if (peek() == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\'))
                ++at_;
            t.text += text_[at_++];
        }
        if (at_end()) {
            at_ = start;
            return fail("a phrase with a quote at its end");
        }
        ++at_;
        if (peek() == '*') {
            t.open_right = true;
            ++at_;
        }
        if (t.text.empty() && t.field.empty()) {
            at_ = start;
            fail("a phrase with something in it");
        }
    }

    // Between two '/', of which the second ends what it stands in: a path like /students/7 is a word.
    [[nodiscard]] bool is_regex() const noexcept {
        if (peek() != '/') return false;
        auto end = at_ + 1;
        while (end < text_.size() && text_[end] != '/') end += text_[end] == '\\' ? 2 : 1;
        if (end >= text_.size() || end == at_ + 1) return false;
        return end + 1 == text_.size() || is_blank(text_[end + 1]) || text_[end + 1] == ')';
    }

    void regex(text_test& t) {
        const auto start = at_++;
        std::string pattern;
        while (!at_end() && peek() != '/') {
            if (peek() == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '/')
                pattern += text_[at_++];
            else if (peek() == '\\' && at_ + 1 < text_.size())
                ++at_;
            pattern += text_[at_++];
        }
        ++at_;
        const auto refuse = [&](const std::string& expected) {
            at_ = start;
            fail(expected);
        };
        if (++regexes_ > max_regexes)
            return refuse("at most " + std::to_string(max_regexes) + " regular expressions");
        auto& known = compiled_[pattern];
        if (!known.regex) {
            known = compile(pattern);
            if (!known.regex->ok())
                return refuse("a regular expression, which this is not (" + known.regex->error() + ")");
            known.program = static_cast<std::size_t>(known.regex->ProgramSize());
        }
        program_ += known.program;
        if (program_ > max_program)
            return refuse("regular expressions that come to at most " + std::to_string(max_program) +
                          " instructions, as these come to " + std::to_string(program_));
        t.is = text_test::kind::regex;
        t.text = known.needed;
        t.regex = known.regex;
        t.program = known.program;
    }

    struct compiled {
        std::shared_ptr<const RE2> regex;
        std::size_t program = 0;
        std::string needed;
    };
    [[nodiscard]] compiled compile(const std::string& pattern) const {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_case_sensitive(!ignores_case_);
        options.set_max_mem(regex_memory);
        compiled c;
        c.regex = std::make_shared<const RE2>(pattern, options);
        if (c.regex->ok() && !ignores_case_) c.needed = text_needed_by(pattern);
        return c;
    }

    void comparison(text_test& t) {
        const bool is_less = peek() == '<';
        ++at_;
        const bool or_equal = peek() == '=';
        if (or_equal) ++at_;
        const char* const end = text_.data() + text_.size();
        const auto [behind, ec] = std::from_chars(text_.data() + at_, end, t.number);
        if (ec != std::errc() || (behind != end && !is_blank(*behind) && *behind != ')'))
            return fail("a number");
        at_ = static_cast<std::size_t>(behind - text_.data());
        using kind = text_test::kind;
        t.is = is_less ? (or_equal ? kind::at_most : kind::less) : (or_equal ? kind::at_least : kind::more);
    }

    const std::string_view text_;
    const bool ignores_case_;
    std::size_t at_ = 0;
    std::string error_;
    std::map<std::string, compiled> compiled_;  // by pattern
    std::size_t regexes_ = 0;
    std::size_t program_ = 0;
};

}  // namespace

parsed_expression parse_expression(std::string_view text, bool ignores_case) {
    return parser(text, ignores_case).read();
}

}  // namespace distd::logs
