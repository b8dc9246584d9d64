#include "sdk/log_shipping/plain_text.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "base/ascii.hpp"
#include "base/logging/log_values.hpp"
#include "base/logging/shipped_record.hpp"

namespace distd {
namespace {

// Goes through the members of an object on one line, as we write it: no spaces, no objects inside. Values
// stay as they are written: numbers keep their digits, strings their quotes and escapes.
class member_reader {
public:
    explicit member_reader(std::string_view object) noexcept
        : rest_(object.substr(std::min(size_t{1}, object.size()))) {}

    [[nodiscard]] bool next() noexcept {
        if (rest_.starts_with(',')) rest_.remove_prefix(1);
        if (!rest_.starts_with('"')) return false;
        key = take(string_bytes());
        if (key.size() < 2 || !rest_.starts_with(':')) return false;
        key = key.substr(1, key.size() - 2);
        rest_.remove_prefix(1);
        value = take(rest_.starts_with('"') ? string_bytes() : rest_.find_first_of(",}"));
        return !value.empty();
    }

    std::string_view key;
    std::string_view value;

private:
    // Of the string that `rest_` begins with, with its quotes.
    [[nodiscard]] std::size_t string_bytes() const noexcept {
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '\\')
                ++i;
            else if (rest_[i] == '"')
                return i + 1;
        }
        return rest_.size();
    }
    std::string_view take(std::size_t bytes) noexcept {
        const auto taken = rest_.substr(0, bytes);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    std::string_view rest_;
};

std::string_view bare_if_possible(std::string_view value) noexcept {
    if (!value.starts_with('"')) return value;
    const auto inside = value.substr(1, value.size() - 2);
    return is_bare_log_value(inside) ? inside : value;
}

// What the field was called before it became a member.
std::string_view name_of(std::string_view key) noexcept {
    if (!key.starts_with(taken_name_prefix)) return key;
    const auto name = key.substr(taken_name_prefix.size());
    return is_shipped_member(name) || ascii::equal_ignoring_case(name, "trace") ? name : key;
}

// What the base protocol has no place for: who wrote the record, and of a request its place in the trace and
// what is not in the lines that its readers know.
bool is_left_out(std::string_view key, bool is_request) noexcept {
    if (key == "instance") return true;
    return is_request && (key == "bytes" || key == "remote" || key == "span" || key == "parent");
}

void append_fields(std::string& text, std::string_view record) {
    bool is_request = false;  // only their trace stands in front of the message
    bool is_behind_message = false;
    for (member_reader m(record); m.next();) {
        if (!is_behind_message) {
            is_request = is_request || m.key == "trace";
            is_behind_message = m.key == "message";
            if (is_behind_message) text += bare_if_possible(m.value);
        } else if (!is_left_out(m.key, is_request)) {
            (text += ' ') += is_request && m.key == "request_id" ? "id" : name_of(m.key);
            (text += '=') += bare_if_possible(m.value);
        }
    }
}

// Earlier versions had the service as the second member, later ones the level.
bool is_of_earlier_version(std::string_view record) noexcept {
    member_reader m(record);
    return m.next() && m.next() && m.key == "service";
}

}  // namespace

std::optional<std::string> plain_text(std::string_view record, std::string_view service) {
    json_error ignored;
    const auto v = parse_json(record, ignored);
    if (!v || !v->is_object()) return std::nullopt;
    const auto* message = v->get_object().if_contains("message");
    if (!message || !message->is_string()) return std::nullopt;
    std::string text("[");
    text.append(service).append("] - ");
    if (is_of_earlier_version(record))
        text += std::string_view(message->get_string());
    else
        append_fields(text, record);
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return text += '\n';
}

}  // namespace distd
