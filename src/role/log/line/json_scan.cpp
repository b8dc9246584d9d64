#include "role/log/line/json_scan.hpp"

#include <algorithm>
#include <array>
#include <distd/json.hpp>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace distd::logs {
namespace {

constexpr int deepest = 128;  // a value of OpenTelemetry's has four levels for each of its own

enum class byte_class : std::uint8_t { plain, quote, backslash, control, del, high };

constexpr auto classes = [] {
    std::array<byte_class, 256> all{};
    for (std::size_t c = 0; c < 256; ++c)
        all[c] = c < 0x20 ? byte_class::control : c >= 0x80 ? byte_class::high : byte_class::plain;
    all['"'] = byte_class::quote;
    all['\\'] = byte_class::backslash;
    all[0x7f] = byte_class::del;
    return all;
}();

byte_class class_of(char c) noexcept { return classes[static_cast<unsigned char>(c)]; }
bool is_blank(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// The four digits that `at` points to, or -1.
int four_digits(const char* at, const char* end) noexcept {
    if (end - at < 4) return -1;
    int code = 0;
    for (int i = 0; i < 4; ++i) {
        const int digit = ascii::hex_value(at[i]);
        if (digit < 0) return -1;
        code = code * 16 + digit;
    }
    return code;
}

bool is_leading(int code) noexcept { return code >= 0xd800 && code <= 0xdbff; }
bool is_trailing(int code) noexcept { return code >= 0xdc00 && code <= 0xdfff; }
bool is_half(int code) noexcept { return is_leading(code) || is_trailing(code); }

// Each of the functions below passes over what begins at `at`, and returns where it ends: null when it is not
// valid JSON. What is special about it is noted in `part`.

const char* skip_blanks(const char* at, const char* end, json_part* around = nullptr) noexcept {
    const char* const start = at;
    while (at != end && is_blank(*at)) ++at;
    if (around != nullptr && at != start) around->is_normal = false;
    return at;
}

// Behind the backslash.
const char* skip_escape(const char* at, const char* end, json_part& part) noexcept {
    if (at == end) return nullptr;
    part.has_escapes = true;
    switch (*at) {
        case '"':
        case '\\':
        case 'n':
        case 'r':
        case 't': return at + 1;
        case '/':
        case 'b':
        case 'f': part.is_normal = false; return at + 1;
        case 'u': break;
        default: return nullptr;
    }
    part.is_normal = false;
    return four_digits(at + 1, end) < 0 ? nullptr : at + 5;
}

const char* skip_string(const char* at, const char* end, json_part& part) noexcept {
    for (++at;;) {
        while (at != end && class_of(*at) == byte_class::plain) ++at;
        if (at == end) return nullptr;
        switch (class_of(*at)) {
            case byte_class::quote: return at + 1;
            case byte_class::backslash:
                at = skip_escape(at + 1, end, part);
                if (at == nullptr) return nullptr;
                break;
            case byte_class::high: {
                const std::string_view rest(at, static_cast<std::size_t>(end - at));
                const auto length = utf8_length(rest);
                if (length == 0 || is_acting_character(rest.substr(0, length))) part.is_normal = false;
                at += std::max<std::size_t>(length, 1);
                break;
            }
            case byte_class::del:
                part.is_normal = false;
                ++at;
                break;
            default: return nullptr;
        }
    }
}

const char* skip_digits(const char* at, const char* end) noexcept {
    const char* const start = at;
    while (at != end && ascii::is_digit(*at)) ++at;
    return at == start ? nullptr : at;
}

const char* skip_number(const char* at, const char* end) noexcept {
    if (*at == '-') ++at;
    if (at == end || !ascii::is_digit(*at)) return nullptr;
    at = *at == '0' ? at + 1 : skip_digits(at, end);
    if (at != end && *at == '.') {
        at = skip_digits(at + 1, end);
        if (at == nullptr) return nullptr;
    }
    if (at == end || (*at != 'e' && *at != 'E')) return at;
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    return skip_digits(at, end);
}

const char* skip_word(const char* at, const char* end, std::string_view word) noexcept {
    return std::string_view(at, static_cast<std::size_t>(end - at)).starts_with(word) ? at + word.size()
                                                                                      : nullptr;
}

const char* skip_value(const char* at, const char* end, int depth, json_part& part) noexcept;

const char* skip_items(const char* at, const char* end, int depth, json_part& part) noexcept {
    if (depth > deepest) return nullptr;
    const bool is_object = *at == '{';
    const char closing = is_object ? '}' : ']';
    at = skip_blanks(at + 1, end, &part);
    if (at != end && *at == closing) return at + 1;
    for (;;) {
        json_part inner;
        if (is_object) {
            if (at == end || *at != '"') return nullptr;
            at = skip_string(at, end, inner);
            if (at == nullptr) return nullptr;
            at = skip_blanks(at, end, &part);
            if (at == end || *at != ':') return nullptr;
            at = skip_blanks(at + 1, end, &part);
        }
        at = skip_value(at, end, depth, inner);
        if (at == nullptr) return nullptr;
        if (!inner.is_normal) part.is_normal = false;
        at = skip_blanks(at, end, &part);
        if (at == end) return nullptr;
        if (*at == closing) return at + 1;
        if (*at != ',') return nullptr;
        at = skip_blanks(at + 1, end, &part);
    }
}

// `depth`: of what it stands in.
const char* skip_value(const char* at, const char* end, int depth, json_part& part) noexcept {
    if (at == end) return nullptr;
    switch (*at) {
        case '"': part.kind = json_kind::string; return skip_string(at, end, part);
        case '{': part.kind = json_kind::object; return skip_items(at, end, depth + 1, part);
        case '[': part.kind = json_kind::array; return skip_items(at, end, depth + 1, part);
        case 't': part.kind = json_kind::boolean; return skip_word(at, end, "true");
        case 'f': part.kind = json_kind::boolean; return skip_word(at, end, "false");
        case 'n': part.kind = json_kind::null; return skip_word(at, end, "null");
        default: part.kind = json_kind::number; return skip_number(at, end);
    }
}

bool is_too_deep(std::string_view text) noexcept {
    int depth = 0;
    for (std::size_t i = 0; i < text.size() && depth <= deepest; ++i) {
        const char c = text[i];
        if (c == '"') i = end_of_string(text, i);
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
    }
    return depth > deepest;
}

}  // namespace

json_items::json_items(std::string_view text) noexcept : at_(text.data()), end_(at_ + text.size()) {
    at_ = skip_blanks(at_, end_);
    if (at_ != end_ && (*at_ == '{' || *at_ == '[')) opening_ = *at_++;
}

json_items json_items::behind_a_member(std::string_view text) noexcept {
    json_items items(text);
    items.opening_ = '{';
    items.first_ = false;
    return items;
}

// At the next item: over the comma before it. False at the end, and where neither of them is.
bool json_items::begin_item() noexcept {
    if (opening_ == 0 || at_ == nullptr) return false;
    at_ = skip_blanks(at_, end_);
    if (at_ == end_) return false;
    if (*at_ == (is_object() ? '}' : ']')) {
        sound_ = skip_blanks(at_ + 1, end_) == end_;
        opening_ = 0;
        return false;
    }
    if (first_) {
        first_ = false;
        return true;
    }
    if (*at_ != ',') return false;
    at_ = skip_blanks(at_ + 1, end_);
    // A comma promises an item.
    return at_ != end_;
}

bool json_items::take(json_part& value) noexcept {
    const char* const start = at_;
    value = {};
    at_ = skip_value(at_, end_, 1, value);
    if (at_ == nullptr) return false;
    value.text = std::string_view(start, static_cast<std::size_t>(at_ - start));
    return true;
}

bool json_items::next(json_part& name, json_part& value) noexcept {
    if (!begin_item() || *at_ != '"' || !take(name)) {
        opening_ = 0;
        return false;
    }
    at_ = skip_blanks(at_, end_);
    const bool follows = at_ != end_ && *at_ == ':';
    if (follows) at_ = skip_blanks(at_ + 1, end_);
    if (follows && take(value)) return true;
    opening_ = 0;
    return false;
}

bool json_items::next(json_part& value) noexcept {
    if (begin_item() && take(value)) return true;
    opening_ = 0;
    return false;
}

std::size_t end_of_string(std::string_view text, std::size_t at) noexcept {
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return at;
}

bool scan_json(std::string_view text, json_part& value) noexcept {
    const char* const end = text.data() + text.size();
    const char* const start = skip_blanks(text.data(), end);
    value = {};
    const char* const behind = skip_value(start, end, 0, value);
    if (behind == nullptr || skip_blanks(behind, end) != end) return false;
    value.text = std::string_view(start, static_cast<std::size_t>(behind - start));
    return true;
}

// The scan above gives no reason; the parser that builds a tree does. Of a long text the tree would be too
// large.
std::string why_not_json(std::string_view text) {
    constexpr std::size_t max_bytes = 1 << 20;
    if (text.size() > max_bytes) return "not JSON";
    json_error error;
    if (parse_json(text, error)) return "not JSON";
    const bool is_for_depth = error.text.starts_with("nested deeper");  // than the tree may be
    if (!is_for_depth) return std::move(error.text);
    return is_too_deep(text) ? "nested deeper than " + std::to_string(deepest) : "not JSON";
}

void append_decoded(std::string& out, std::string_view inside) {
    const char* const end = inside.data() + inside.size();
    for (std::size_t i = 0; i < inside.size();) {
        const auto backslash = std::min(inside.find('\\', i), inside.size());
        out.append(inside, i, backslash - i);
        i = backslash + 2;
        if (backslash + 1 >= inside.size()) break;
        switch (const char c = inside[backslash + 1]) {
            case 'n': out += '\n'; continue;
            case 'r': out += '\r'; continue;
            case 't': out += '\t'; continue;
            case 'b': out += '\b'; continue;
            case 'f': out += '\f'; continue;
            case 'u': break;
            default: out += c; continue;
        }
        auto code = four_digits(inside.data() + i, end);
        i = std::min(i + 4, inside.size());
        if (is_leading(code) && inside.substr(i).starts_with("\\u")) {
            const int second = four_digits(inside.data() + i + 2, end);
            if (is_trailing(second)) {
                code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
                i += 6;
            }
        }
        const bool is_none = code < 0 || is_half(code);
        append_utf8(out, is_none ? 0xfffd : static_cast<std::uint32_t>(code));
    }
}

std::string_view text_of(const json_part& part, std::string& scratch) {
    if (!part.has_escapes) return part.inside();
    scratch.clear();
    append_decoded(scratch, part.inside());
    return scratch;
}

void append_normal(std::string& out, const json_part& part) {
    if (part.is_normal) {
        out += part.text;
        return;
    }
    std::string scratch;
    if (part.kind == json_kind::string) return append_json_string(out, text_of(part, scratch));
    json_items items(part.text);
    const bool is_object = items.is_object();
    json_part name;
    json_part value;
    out += is_object ? '{' : '[';
    for (bool first = true; is_object ? items.next(name, value) : items.next(value); first = false) {
        if (!first) out += ',';
        if (is_object) {
            append_normal(out, name);
            out += ':';
        }
        append_normal(out, value);
    }
    out += is_object ? '}' : ']';
}

std::string name_of(json_kind kind) {
    switch (kind) {
        case json_kind::string: return "a string";
        case json_kind::number: return "a number";
        case json_kind::object: return "an object";
        case json_kind::array: return "an array";
        case json_kind::boolean: return "true or false";
        case json_kind::null: return "null";
    }
    return "nothing";
}

}  // namespace distd::logs
