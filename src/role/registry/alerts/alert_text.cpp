#include "role/registry/alerts/alert_text.hpp"

#include <algorithm>
#include <distd/json.hpp>
#include <distd/settings.hpp>

#include "base/settings/options_values.hpp"

namespace distd::registry {
namespace {

// Together they bound what is sent: a placeholder may stand for a kilobyte.
constexpr std::size_t max_body = 4096;
constexpr std::size_t max_placeholders = 32;

constexpr std::string_view names_of_placeholders =
    "{{service}}, {{what}}, {{reason}}, {{for}}, {{instances}}, {{console}}";

struct placeholder {
    std::string_view name;
    std::string (*value)(const alert_message&);
};
constexpr placeholder placeholders[] = {
    {"service", [](const auto& m) { return m.service; }},
    {"what", [](const auto& m) { return std::string(to_string(m.what)); }},
    {"reason", [](const auto& m) { return m.reason; }},
    {"for", [](const auto& m) { return length_of(m); }},
    {"instances", [](const auto& m) { return m.instances; }},
    {"console", [](const auto& m) { return m.console; }},
};

const placeholder* find(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(placeholders, name, &placeholder::name);
    return found == std::end(placeholders) ? nullptr : found;
}

// A piece of the body: text, then a placeholder, unless it is the last piece.
struct piece {
    std::string_view before;
    std::string_view name;
    bool has_placeholder = false;
    bool is_open = false;  // it does not end
};

piece take_piece(std::string_view& rest) noexcept {
    const auto begin = rest.find("{{");
    piece p{rest.substr(0, begin), {}};
    rest.remove_prefix(p.before.size());
    if (begin == std::string_view::npos) return p;
    const auto end = rest.find("}}");
    p.has_placeholder = true;
    p.is_open = end == std::string_view::npos;
    p.name = rest.substr(2, p.is_open ? end : end - 2);
    rest.remove_prefix(p.is_open ? rest.size() : end + 2);
    return p;
}

void append_value(std::string& out, std::string value, bool is_json) {
    std::ranges::replace_if(
        value, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, ' ');
    if (!is_json) {
        out += value;
        return;
    }
    std::string quoted;
    append_json_string(quoted, value);
    out.append(quoted, 1, quoted.size() - 2);
}

}  // namespace

std::string length_of(const alert_message& m) {
    if (m.since_ms == 0) return {};
    const auto end = m.until_ms > 0 ? m.until_ms : m.at_ms;
    const auto whole_seconds = std::max<std::int64_t>(end - m.since_ms, 0) / 1000;
    return duration_text(whole_seconds * 1000);
}

std::string fault_in_alert_body(std::string_view body, bool is_json) {
    if (body.empty() || body.size() > max_body)
        return "expected 1 to " + std::to_string(max_body) + " bytes, found " + std::to_string(body.size());
    std::size_t count = 0;
    for (auto rest = body; !rest.empty();) {
        const auto p = take_piece(rest);
        if (!p.has_placeholder) break;
        if (p.is_open) return "a placeholder that begins with {{ does not end; expected }} behind its name";
        if (!find(p.name))
            return "expected placeholders among " + std::string(names_of_placeholders) + ", found {{" +
                   printable(std::string(p.name.substr(0, 40))) + "}}";
        ++count;
    }
    if (count > max_placeholders)
        return "expected at most " + std::to_string(max_placeholders) + " placeholders, found " +
               std::to_string(count);
    if (!is_json) return {};
    json_error error;
    alert_message sample;
    sample.service = sample.reason = sample.instances = sample.console = "x";
    if (parse_json(filled(body, true, sample), error)) return {};
    return "it is no JSON once it is filled in (placeholders stand inside of strings): " + error.text;
}

std::string filled(std::string_view body, bool is_json, const alert_message& m) {
    std::string out;
    while (!body.empty()) {
        const auto p = take_piece(body);
        out += p.before;
        if (const auto* const known = find(p.name)) append_value(out, known->value(m), is_json);
    }
    return out;
}

}  // namespace distd::registry
