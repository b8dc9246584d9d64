#include "role/log/intake/loki_push.hpp"

#include "base/log_levels.hpp"
#include "role/log/intake/field_list.hpp"
#include "role/log/line/json_scan.hpp"
#include "role/log/line/timestamp.hpp"

namespace distd::logs {
namespace {

struct stream_parts {
    json_part labels;
    json_part values;
};

bool read_stream(const json_part& stream, stream_parts& parts) {
    json_items members(stream.text);
    json_part name;
    json_part value;
    while (members.is_object() && members.next(name, value)) {
        if (name.inside() == "stream") parts.labels = value;
        if (name.inside() == "values") parts.values = value;
    }
    // Go writes an empty map or list as null.
    const auto is_null = [](const json_part& p) { return p.kind == json_kind::null && !p.text.empty(); };
    const bool has_values = parts.values.kind == json_kind::array || is_null(parts.values);
    const bool has_labels = parts.labels.kind == json_kind::object || parts.labels.kind == json_kind::null;
    return members.is_sound() && has_values && has_labels;
}

// Of labels, or of an entry's metadata.
void add_members(const json_part& object, field_list& fields) {
    json_part name;
    json_part value;
    std::string scratch;
    for (json_items members(object.text); members.next(name, value);) {
        std::string json;
        append_normal(json, value);
        fields.set(text_of(name, scratch), std::move(json));
    }
}

// What Loki itself takes for the service when none is named; and what its agents set.
std::string service_of(field_list& fields) {
    auto service = fields.take(known_field::service);
    for (const auto* name : {"app", "application", "job"})
        if (service.empty()) service = fields.take_text(name);
    return service;
}

// Why it cannot be stored; empty: it is.
std::string read_entry(batch& b, std::uint64_t number, const json_part& entry, field_list& fields,
                       const arrival& came) {
    constexpr auto form = R"(expected ["nanoseconds","line"] or ["nanoseconds","line",{"name":"text"}])";
    json_items parts(entry.text);
    json_part time;
    json_part line;
    json_part more;
    if (!parts.is_array() || !parts.next(time) || !parts.next(line)) return form;
    const bool has_more = parts.next(more);
    json_part beyond;
    const bool is_metadata = more.kind == json_kind::object || more.kind == json_kind::null;
    if (has_more && (!is_metadata || parts.next(beyond))) return form;
    if (time.kind != json_kind::string || line.kind != json_kind::string) return form;
    const auto time_ns = parse_epoch(time.inside());
    if (!time_ns) return "expected a time in nanoseconds since 1970 as a string, found " + shown(time.text);
    if (entry.text.size() > max_line) return judge_size(entry.text.size());
    const field_list::layer of_entry(fields);
    if (has_more) add_members(more, fields);
    std::string scratch;
    const auto text = text_of(line, scratch);
    if (auto reason = fields.judge(text.size()); !reason.empty()) return reason;

    const auto level = normal_level(fields.take(known_field::level));
    const auto service = service_of(fields);
    const auto trace = fields.take(known_field::trace);
    const auto start = b.lines.size();
    record_writer record(b.lines, *time_ns, level, service, trace, text);
    fields.add_to(record);
    record.finish(came);
    return b.keep(number, start);
}

batch malformed(std::string reason) {
    batch b;
    b.malformed = std::move(reason);
    return b;
}

}  // namespace

batch read_loki_push(std::string_view body, const arrival& came) {
    batch b(body.size());
    json_items members(body);
    json_part name;
    json_part streams;
    while (members.is_object() && members.next(name, streams) && name.inside() != "streams") streams = {};
    json_part rest;
    for (json_part ignored; members.next(ignored, rest);) {}
    if (!members.is_sound() || streams.kind != json_kind::array) {
        constexpr auto form = R"(expected JSON like {"streams":[{"stream":{},"values":[["ns","line"]]}]})";
        json_part whole;
        return malformed(scan_json(body, whole) ? form : form + (", found: " + why_not_json(body)));
    }
    std::uint64_t number = 0;
    json_part stream;
    for (json_items all(streams.text); all.next(stream);) {
        came.check_still_wanted();
        stream_parts parts;
        if (!read_stream(stream, parts))
            return malformed("a stream is not like {\"stream\":{\"label\":\"text\"},\"values\":[...]}");
        field_list labels;
        if (!parts.labels.text.empty()) add_members(parts.labels, labels);
        json_part entry;
        for (json_items entries(parts.values.text); entries.next(entry);) {
            ++number;
            came.check_still_wanted();
            if (auto reason = read_entry(b, number, entry, labels, came); !reason.empty())
                b.refuse(number, std::move(reason));
            if (b.is_too_large) return b;
        }
    }
    return b;
}

}  // namespace distd::logs
