#include "role/registry/config/config_text.hpp"

#include <distd/json.hpp>

#include "base/json_member.hpp"
#include "base/logging/log_stamp.hpp"
#include "base/utf8.hpp"
#include "http/message/base64.hpp"

namespace distd::registry {
namespace {

void append_time(std::string& out, std::string_view name, std::int64_t at_ms) {
    append_json_member(out, name, log_stamp().of(wall_point(milliseconds(at_ms))));
}

void append_value(std::string& out, std::string_view value) {
    if (is_utf8(value))
        append_json_member(out, "value", value);
    else
        append_json_member(out, "base64", http::base64_encode(value));
}

void append_entry(std::string& out, const config_entry& e, bool with_value) {
    out += '{';
    append_json_member(out, "key", e.key);
    append_json_member(out, "version", e.version);
    append_json_member(out, "index", e.index);
    append_json_member(out, "etag", "\"" + std::to_string(e.index) + "\"");
    append_json_member(out, "media_type", e.media_type);
    append_json_member(out, "size", e.value->size());
    append_time(out, "modified", e.at_ms);
    if (with_value) append_value(out, *e.value);
    out += '}';
}

void append_content(std::string& out, std::string_view name, const std::optional<config_content>& c) {
    out.append(",\"").append(name).append("\":");
    if (!c) {
        out += "null";
        return;
    }
    out += '{';
    append_json_member(out, "media_type", c->media_type);
    append_json_member(out, "size", c->size);
    if (c->value) append_value(out, *c->value);
    out += '}';
}

}  // namespace

std::string entry_as_json(const config_entry& e, bool with_value) {
    std::string out;
    append_entry(out, e, with_value);
    return out;
}

std::string absence_as_json(std::string_view key, std::uint64_t index) {
    std::string out = "{";
    append_json_member(out, "key", key);
    append_json_member(out, "index", index);
    return out + ",\"exists\":false}";
}

std::string list_as_json(const std::vector<const config_entry*>& entries, bool with_values) {
    std::string out = "[";
    for (const auto* e : entries) {
        if (out.size() > 1) out += ',';
        append_entry(out, *e, with_values);
    }
    return out + "]";
}

std::string history_as_json(const std::vector<config_history_entry>& entries) {
    std::string out = "[";
    for (const auto& e : entries) {
        out += out.size() > 1 ? ",{" : "{";
        append_json_member(out, "version", static_cast<std::uint64_t>(e.version));
        append_json_member(out, "index", e.index);
        append_time(out, "when", e.at_ms);
        append_json_member(out, "who", e.who);
        append_json_member(out, "reason", e.reason);
        append_json_member(out, "request_id", e.request_id);
        append_json_member(out, "action", e.action);
        if (e.restored) append_json_member(out, "restored", static_cast<std::uint64_t>(*e.restored));
        append_content(out, "before", e.before);
        append_content(out, "after", e.after);
        out += '}';
    }
    return out + "]";
}

}  // namespace distd::registry
