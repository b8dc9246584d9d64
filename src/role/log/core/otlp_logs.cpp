#include "role/log/core/otlp_logs.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <map>

#include "base/ascii.hpp"
#include "role/log/core/field_list.hpp"
#include "role/log/core/json_scan.hpp"

namespace distd::logs {
namespace {

using members = std::map<std::string_view, json_part>;

members members_of(const json_part& object) {
    members all;
    json_part name;
    json_part value;
    if (object.kind == json_kind::object)
        for (json_items items(object.text); items.next(name, value);) all[name.inside()] = value;
    return all;
}

json_part find(const members& all, std::string_view name) {
    const auto found = all.find(name);
    return found == all.end() ? json_part() : found->second;
}

template <class F>
void each_element(const json_part& array, F f) {
    json_part element;
    if (array.kind == json_kind::array)
        for (json_items items(array.text); items.next(element);) f(element);
}

// What a string stands for, or a number as it is written.
std::string plain(const json_part& value) {
    std::string scratch;
    if (value.kind == json_kind::string) return std::string(text_of(value, scratch));
    return value.kind == json_kind::number ? std::string(value.text) : std::string();
}

void append_value(std::string& out, const json_part& any);

void append_array(std::string& out, const json_part& array) {
    out += '[';
    each_element(find(members_of(array), "values"), [&](const json_part& element) {
        if (!out.ends_with('[')) out += ',';
        append_value(out, element);
    });
    out += ']';
}

void append_map(std::string& out, const json_part& list) {
    out += '{';
    bool first = true;
    each_element(find(members_of(list), "values"), [&](const json_part& pair) {
        const auto parts = members_of(pair);
        const auto key = find(parts, "key");
        if (key.kind != json_kind::string) return;
        if (!first) out += ',';
        first = false;
        append_normal(out, key);
        out += ':';
        append_value(out, find(parts, "value"));
    });
    out += '}';
}

// One of its values in their wrapping, {"stringValue":"x"}, as JSON without it; what comes without wrapping
// as it is.
void append_value(std::string& out, const json_part& any) {
    json_part kind;
    json_part value;
    json_items items(any.text);
    if (any.kind != json_kind::object && !any.text.empty()) {
        append_normal(out, any);
    } else if (!items.next(kind, value)) {
        out += "null";
    } else if (kind.inside() == "arrayValue") {
        append_array(out, value);
    } else if (kind.inside() == "kvlistValue") {
        append_map(out, value);
    } else if (kind.inside() == "intValue" && value.kind == json_kind::string) {
        json_part number;  // 64 bits come as a string
        append_normal(out,
                      scan_json(value.inside(), number) && number.kind == json_kind::number ? number : value);
    } else {
        append_normal(out, value);
    }
}

// Why they cannot be read; empty: they can.
std::string add_attributes(const members& owner, field_list& fields) {
    const auto attributes = find(owner, "attributes");
    if (attributes.kind == json_kind::null) return {};
    bool are_sound = attributes.kind == json_kind::array;
    std::string scratch;
    each_element(attributes, [&](const json_part& pair) {
        const auto parts = members_of(pair);
        const auto key = find(parts, "key");
        are_sound = are_sound && key.kind == json_kind::string;
        if (!are_sound) return;
        std::string json;
        append_value(json, find(parts, "value"));
        fields.set(text_of(key, scratch), std::move(json));
    });
    return are_sound ? std::string()
                     : R"(attributes: expected [{"key":"name","value":{"stringValue":"text"}}])";
}

// Of a severity's number, 1 to 24 in fours, or its name as some libraries write it, SEVERITY_NUMBER_WARN2.
std::string level_of_number(std::string text) {
    static constexpr std::string_view levels[] = {"trace", "debug", "info", "warn", "error", "fatal"};
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (number >= 1 && number <= 24) return std::string(levels[(number - 1) / 4]);
    constexpr std::string_view prefix = "SEVERITY_NUMBER_";
    if (!text.starts_with(prefix)) return {};
    text.erase(text.find_last_not_of("1234") + 1);
    const auto level = normal_level(std::string_view(text).substr(prefix.size()));
    return std::ranges::find(levels, level) == std::end(levels) ? std::string() : level;
}

// What of "severityText" the level does not say is kept as a field.
std::string take_level(const members& record, field_list& fields) {
    auto level = level_of_number(plain(find(record, "severityNumber")));
    const auto named = plain(find(record, "severityText"));
    const auto meant = normal_level(named);
    if (level.empty() && named.size() <= longest_level) level = meant;
    if (!named.empty() && meant != level) fields.set_text("severity", named);
    // Collectors that read files leave it among the attributes.
    return level.empty() ? normal_level(fields.take(known_field::level)) : level;
}

std::int64_t time_of(const members& record, std::int64_t now_ns) {
    for (const auto* name : {"timeUnixNano", "observedTimeUnixNano"})
        if (const auto time = parse_epoch(plain(find(record, name))); time && *time > 0) return *time;
    return now_ns;
}

std::string id_of(const members& record, std::string_view name) {
    auto id = plain(find(record, name));
    // Some write Base64, which is another text in lower case.
    const bool is_hex = id.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (is_hex) id = ascii::lowered(std::move(id));
    const bool is_none = id.find_first_not_of('0') == std::string::npos;
    return is_none || id.size() > longest_trace ? std::string() : id;
}

std::string message_of(const members& record) {
    std::string json;
    append_value(json, find(record, "body"));
    json_part value;
    if (!scan_json(json, value) || value.kind == json_kind::null) return {};
    return value.kind == json_kind::string ? plain(value) : json;
}

class otlp_reader {
public:
    explicit otlp_reader(std::int64_t now_ns) : now_ns_(now_ns) {}

    void read(const json_part& request) {
        each_of(request, "resourceLogs", {}, [&](const json_part& resource) { read_resource(resource); });
    }

    // When some of it cannot be found, nothing is accepted.
    batch take() {
        if (batch_.malformed.empty()) return std::move(batch_);
        batch nothing;
        nothing.malformed = batch_.malformed;
        return nothing;
    }

private:
    // What is in the list `name`. Where there is no such list, but something else than what may stand beside
    // it, records would be lost under a name that is not known here.
    template <class F>
    void each_of(const json_part& owner, std::string_view name,
                 std::initializer_list<std::string_view> beside, F f) {
        if (owner.kind != json_kind::object)
            return fail("expected an object with " + std::string(name) + ", found " + name_of(owner.kind));
        const auto parts = members_of(owner);
        const auto list = parts.find(name);
        if (list == parts.end()) {
            for (const auto& [other, value] : parts)
                if (std::ranges::find(beside, other) == beside.end())
                    fail(std::string(name) + " is missing, found '" + std::string(other) + "'");
        } else if (list->second.kind != json_kind::array && list->second.kind != json_kind::null) {
            fail(std::string(name) + ": expected an array, found " + name_of(list->second.kind));
        } else {
            each_element(list->second, f);
        }
    }

    void read_resource(const json_part& resource_logs) {
        field_list fields;
        fail(add_attributes(members_of(find(members_of(resource_logs), "resource")), fields));
        each_of(resource_logs, "scopeLogs", {"resource", "schemaUrl"},
                [&](const json_part& scope) { read_scope(scope, fields); });
    }

    void read_scope(const json_part& scope_logs, field_list fields) {
        const auto scope = members_of(find(members_of(scope_logs), "scope"));
        fail(add_attributes(scope, fields));
        if (const auto name = plain(find(scope, "name")); !name.empty()) fields.set_text("scope", name);
        each_of(scope_logs, "logRecords", {"scope", "schemaUrl"},
                [&](const json_part& record) { read_record(record, fields); });
    }

    void read_record(const json_part& sent, field_list fields) {
        ++number_;
        if (sent.kind != json_kind::object)
            return batch_.refuse(number_, "expected an object, found " + name_of(sent.kind));
        const auto record = members_of(sent);
        if (auto reason = add_attributes(record, fields); !reason.empty())
            return batch_.refuse(number_, std::move(reason));
        // A time that is none is kept as it was sent.
        const auto time = plain(find(record, "timeUnixNano"));
        if (!time.empty() && !parse_epoch(time)) fields.set_text("timeUnixNano", time);
        if (const auto span = id_of(record, "spanId"); !span.empty()) fields.set_text("span", span);
        if (const auto name = plain(find(record, "eventName")); !name.empty()) fields.set_text("event", name);
        const auto level = take_level(record, fields);
        if (auto reason = judge_size(sent.text.size(), fields.size()); !reason.empty())
            return batch_.refuse(number_, std::move(reason));
        const auto service = fields.take(known_field::service);
        record_writer line(batch_.lines, time_of(record, now_ns_), level, service, id_of(record, "traceId"),
                           message_of(record));
        fields.add_to(line);
        line.finish();
        ++batch_.accepted;
    }

    // The first reason counts.
    void fail(std::string reason) {
        if (batch_.malformed.empty()) batch_.malformed = std::move(reason);
    }

    const std::int64_t now_ns_;
    std::uint64_t number_ = 0;
    batch batch_;
};

}  // namespace

batch read_otlp_logs(std::string_view body, std::int64_t now_ns) {
    json_part request;
    const bool is_json = scan_json(body, request);
    if (!is_json || request.kind != json_kind::object) {
        batch b;
        b.malformed = R"(expected JSON like {"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]}, found: )" +
                      (is_json ? name_of(request.kind) : why_not_json(body));
        return b;
    }
    otlp_reader reader(now_ns);
    reader.read(request);
    return reader.take();
}

}  // namespace distd::logs
