#include "role/log/core/otlp_logs.hpp"

#include <charconv>
#include <map>

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

// One of its values in their wrapping, {"stringValue":"x"}, as JSON without it.
void append_value(std::string& out, const json_part& any) {
    json_part kind;
    json_part value;
    json_items items(any.text);
    if (any.kind != json_kind::object || !items.next(kind, value)) {
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

void add_attributes(const json_part& attributes, field_list& fields) {
    std::string scratch;
    each_element(attributes, [&](const json_part& pair) {
        const auto parts = members_of(pair);
        const auto key = find(parts, "key");
        if (key.kind != json_kind::string) return;
        std::string json;
        append_value(json, find(parts, "value"));
        fields.set(text_of(key, scratch), std::move(json));
    });
}

// 1 to 24, in fours.
std::string level_of(const members& record) {
    static constexpr std::string_view levels[] = {"trace", "debug", "info", "warn", "error", "fatal"};
    const auto text = plain(find(record, "severityNumber"));
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (number >= 1 && number <= 24) return std::string(levels[(number - 1) / 4]);
    const auto named = plain(find(record, "severityText"));
    return named.size() <= longest_level ? normal_level(named) : std::string();
}

std::int64_t time_of(const members& record, std::int64_t now_ns) {
    for (const auto* name : {"timeUnixNano", "observedTimeUnixNano"})
        if (const auto time = parse_epoch(plain(find(record, name))); time && *time > 0) return *time;
    return now_ns;
}

std::string id_of(const members& record, std::string_view name) {
    auto id = plain(find(record, name));
    for (auto& c : id) c = c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c;
    const bool is_none = id.find_first_not_of('0') == std::string::npos;
    return is_none || id.size() > longest_trace ? std::string() : id;
}

std::string message_of(const members& record) {
    std::string json;
    const auto body = find(record, "body");
    if (body.kind != json_kind::object) return {};
    append_value(json, body);
    json_part value;
    return scan_json(json, value) && value.kind == json_kind::string ? plain(value) : json;
}

class otlp_reader {
public:
    explicit otlp_reader(std::int64_t now_ns) : now_ns_(now_ns) {}

    void read_resource(const json_part& resource_logs) {
        const auto parts = members_of(resource_logs);
        field_list fields;
        add_attributes(find(members_of(find(parts, "resource")), "attributes"), fields);
        each_element(find(parts, "scopeLogs"), [&](const json_part& scope) { read_scope(scope, fields); });
    }

    batch take() { return std::move(batch_); }

private:
    void read_scope(const json_part& scope_logs, field_list fields) {
        const auto parts = members_of(scope_logs);
        const auto scope = members_of(find(parts, "scope"));
        add_attributes(find(scope, "attributes"), fields);
        if (const auto name = plain(find(scope, "name")); !name.empty()) fields.set_text("scope", name);
        each_element(find(parts, "logRecords"),
                     [&](const json_part& record) { read_record(record, fields); });
    }

    void read_record(const json_part& sent, field_list fields) {
        ++number_;
        if (sent.kind != json_kind::object)
            return batch_.refuse(number_, "expected an object, found " + name_of(sent.kind));
        const auto record = members_of(sent);
        add_attributes(find(record, "attributes"), fields);
        // A time that is none is kept as it was sent.
        const auto time = plain(find(record, "timeUnixNano"));
        if (!time.empty() && !parse_epoch(time)) fields.set_text("timeUnixNano", time);
        if (const auto span = id_of(record, "spanId"); !span.empty()) fields.set_text("span", span);
        if (const auto name = plain(find(record, "eventName")); !name.empty()) fields.set_text("event", name);
        if (auto reason = judge_size(sent.text.size(), fields.size()); !reason.empty())
            return batch_.refuse(number_, std::move(reason));
        const auto service = fields.take(known_field::service);
        record_writer line(batch_.lines, time_of(record, now_ns_), level_of(record), service,
                           id_of(record, "traceId"), message_of(record));
        fields.add_to(line);
        line.finish();
        ++batch_.accepted;
    }

    const std::int64_t now_ns_;
    std::uint64_t number_ = 0;
    batch batch_;
};

}  // namespace

batch read_otlp_logs(std::string_view body, std::int64_t now_ns) {
    json_part request;
    if (!scan_json(body, request) || request.kind != json_kind::object) {
        batch b;
        b.malformed = R"(expected JSON like {"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]})";
        return b;
    }
    otlp_reader reader(now_ns);
    each_element(find(members_of(request), "resourceLogs"),
                 [&](const json_part& resource) { reader.read_resource(resource); });
    return reader.take();
}

}  // namespace distd::logs
