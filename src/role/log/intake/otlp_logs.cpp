#include "role/log/intake/otlp_logs.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "base/ascii.hpp"
#include "base/log_levels.hpp"
#include "role/log/intake/field_list.hpp"
#include "role/log/line/json_scan.hpp"
#include "role/log/line/timestamp.hpp"

namespace distd::logs {
namespace {

struct wanted {
    std::string_view name;
    json_part* place;
};

// The members of those names; of one that comes twice the last counts. However many others there are, none of
// them is kept.
void pick(const json_part& object, std::initializer_list<wanted> all) {
    if (object.kind != json_kind::object) return;
    json_part name;
    json_part value;
    for (json_items items(object.text); items.next(name, value);)
        for (const auto& w : all)
            if (name.inside() == w.name) *w.place = value;
}

json_part member(const json_part& object, std::string_view name) {
    json_part found;
    pick(object, {{name, &found}});
    return found;
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
    each_element(member(array, "values"), [&](const json_part& element) {
        if (!out.ends_with('[')) out += ',';
        append_value(out, element);
    });
    out += ']';
}

void append_map(std::string& out, const json_part& list) {
    out += '{';
    bool first = true;
    each_element(member(list, "values"), [&](const json_part& pair) {
        json_part key;
        json_part value;
        pick(pair, {{"key", &key}, {"value", &value}});
        if (key.kind != json_kind::string) return;
        if (!first) out += ',';
        first = false;
        append_normal(out, key);
        out += ':';
        append_value(out, value);
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
std::string add_attributes(const json_part& attributes, field_list& fields) {
    if (attributes.kind == json_kind::null) return {};
    bool are_sound = attributes.kind == json_kind::array;
    std::string scratch;
    each_element(attributes, [&](const json_part& pair) {
        json_part key;
        json_part value;
        pick(pair, {{"key", &key}, {"value", &value}});
        are_sound = are_sound && key.kind == json_kind::string;
        if (!are_sound) return;
        std::string json;
        append_value(json, value);
        fields.set(text_of(key, scratch), std::move(json));
    });
    return are_sound ? std::string()
                     : R"(attributes: expected [{"key":"name","value":{"stringValue":"text"}}])";
}

struct record_parts {
    explicit record_parts(const json_part& record) {
        pick(record, {{"timeUnixNano", &time},
                      {"observedTimeUnixNano", &observed},
                      {"severityNumber", &severity},
                      {"severityText", &severity_text},
                      {"body", &body},
                      {"attributes", &attributes},
                      {"traceId", &trace},
                      {"spanId", &span},
                      {"eventName", &event}});
    }
    json_part time, observed, severity, severity_text, body, attributes, trace, span, event;
};

// Of a severity's number, 1 to 24 in fours, or its name as some libraries write it, SEVERITY_NUMBER_WARN2.
std::string level_of_number(std::string text) {
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (number >= 1 && number <= 24) return std::string(log_levels[(24 - number) / 4]);
    constexpr std::string_view prefix = "SEVERITY_NUMBER_";
    if (!text.starts_with(prefix)) return {};
    text.erase(text.find_last_not_of("1234") + 1);
    const auto level = normal_level(std::string_view(text).substr(prefix.size()));
    return std::ranges::find(log_levels, level) == log_levels.end() ? std::string() : level;
}

// What of "severityText" the level does not say is kept as a field.
std::string take_level(const record_parts& record, field_list& fields) {
    auto level = level_of_number(plain(record.severity));
    const auto named = plain(record.severity_text);
    const auto meant = normal_level(named);
    if (level.empty() && named.size() <= max_level) level = meant;
    if (!named.empty() && meant != level) fields.set_text("severity", named);
    // Collectors that read files leave it among the attributes.
    return level.empty() ? normal_level(fields.take(known_field::level)) : level;
}

std::int64_t time_of(const record_parts& record, std::int64_t now_ns) {
    for (const auto& part : {record.time, record.observed})
        if (const auto time = parse_epoch(plain(part)); time && *time > 0) return *time;
    return now_ns;
}

std::string id_of(const json_part& part) {
    auto id = plain(part);
    // Some write Base64, which is another text in lower case.
    const bool is_hex = id.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (is_hex) id = ascii::lowered(std::move(id));
    const bool is_none = id.find_first_not_of('0') == std::string::npos;
    return is_none || id.size() > max_trace ? std::string() : id;
}

std::string message_of(const json_part& body) {
    std::string json;
    append_value(json, body);
    json_part value;
    if (!scan_json(json, value) || value.kind == json_kind::null) return {};
    return value.kind == json_kind::string ? plain(value) : json;
}

class otlp_reader {
public:
    otlp_reader(std::size_t opened_bytes, const arrival& came) : came_(came), batch_(opened_bytes) {}

    void read(const json_part& request) {
        each_of(request, "resourceLogs", {}, [&](const json_part& resource) { read_resource(resource); });
    }

    // When a list is missing, nothing is accepted.
    batch take() { return std::move(batch_); }

private:
    // What is in the list `name`. Where there is no such list, but something else than what may stand beside
    // it, records would be lost under a name that is not known here.
    template <class F>
    void each_of(const json_part& owner, std::string_view name,
                 std::initializer_list<std::string_view> beside, F f) {
        if (owner.kind != json_kind::object)
            return fail("expected an object with " + std::string(name) + ", found " + name_of(owner.kind));
        const auto list = member(owner, name);
        if (list.text.empty()) {
            fail_without(owner, name, beside);
        } else if (list.kind != json_kind::array && list.kind != json_kind::null) {
            fail(std::string(name) + ": expected an array, found " + name_of(list.kind));
        } else {
            each_element(list, [&](const json_part& element) {
                came_.check_still_wanted();
                if (batch_.malformed.empty()) f(element);
            });
        }
    }

    void fail_without(const json_part& owner, std::string_view name,
                      std::initializer_list<std::string_view> beside) {
        json_part other;
        json_part value;
        for (json_items items(owner.text); items.next(other, value);)
            if (std::ranges::find(beside, other.inside()) == beside.end())
                return fail(std::string(name) + " is missing, found '" + shown(other.inside()) + "'");
    }

    void read_resource(const json_part& resource_logs) {
        const field_list::layer of_resource(fields_);
        fail(add_attributes(member(member(resource_logs, "resource"), "attributes"), fields_));
        each_of(resource_logs, "scopeLogs", {"resource", "schemaUrl"},
                [&](const json_part& scope) { read_scope(scope); });
    }

    void read_scope(const json_part& scope_logs) {
        const field_list::layer of_scope(fields_);
        json_part attributes;
        json_part name;
        pick(member(scope_logs, "scope"), {{"attributes", &attributes}, {"name", &name}});
        fail(add_attributes(attributes, fields_));
        if (const auto text = plain(name); !text.empty()) fields_.set_text("scope", text);
        each_of(scope_logs, "logRecords", {"scope", "schemaUrl"}, [&](const json_part& record) {
            ++number_;
            if (auto reason = read_record(record); !reason.empty()) batch_.refuse(number_, std::move(reason));
        });
    }

    // Why it is refused; empty: it is not.
    std::string read_record(const json_part& sent) {
        if (sent.kind != json_kind::object) return "expected an object, found " + name_of(sent.kind);
        if (sent.text.size() > max_line) return judge_size(sent.text.size());
        const record_parts record(sent);
        const field_list::layer of_record(fields_);
        if (auto reason = add_attributes(record.attributes, fields_); !reason.empty()) return reason;
        // A time that is none is kept as it was sent.
        const auto time = plain(record.time);
        if (!time.empty() && !parse_epoch(time)) fields_.set_text("timeUnixNano", time);
        if (const auto span = id_of(record.span); !span.empty()) fields_.set_text("span", span);
        if (const auto name = plain(record.event); !name.empty()) fields_.set_text("event", name);
        const auto message = message_of(record.body);
        if (auto reason = fields_.judge(message.size()); !reason.empty()) return reason;
        const auto level = take_level(record, fields_);
        const auto service = fields_.take(known_field::service);
        const auto start = batch_.lines.size();
        record_writer line(batch_.lines, time_of(record, came_.now_ns), level, service, id_of(record.trace),
                           message);
        fields_.add_to(line);
        line.finish(came_);
        return batch_.keep(number_, start);
    }

    // The first reason counts.
    void fail(std::string reason) {
        if (batch_.malformed.empty() && !reason.empty()) batch_.refuse_whole(std::move(reason));
    }

    const arrival came_;
    std::uint64_t number_ = 0;
    batch batch_;
    field_list fields_;  // of the resource, of the scope and of the record, as layers
};

}  // namespace

batch read_otlp_logs(std::string_view body, const arrival& came) {
    json_part request;
    const bool is_json = scan_json(body, request);
    if (!is_json || request.kind != json_kind::object) {
        batch b;
        b.malformed = R"(expected JSON like {"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]}, found: )" +
                      (is_json ? name_of(request.kind) : why_not_json(body));
        return b;
    }
    otlp_reader reader(body.size(), came);
    reader.read(request);
    return reader.take();
}

}  // namespace distd::logs
