#include "role/log/intake/record.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <distd/json.hpp>
#include <utility>

#include "base/ascii.hpp"
#include "base/log_levels.hpp"
#include "role/log/line/timestamp.hpp"

namespace distd::logs {
namespace {

constexpr std::string_view level_when_unknown = "info";

void begin_record(std::string& out, std::int64_t time_ns) {
    out += R"({"time":")";
    append_timestamp(out, time_ns);
    out += R"(","level":)";
}

// `[Name] - text`; the name may hold spaces, not brackets or line ends.
std::pair<std::string_view, std::string_view> split_source(std::string_view body) {
    constexpr std::string_view separator = "] - ";
    if (!body.starts_with('[')) return {{}, body};
    const auto end = body.find_first_of("[]\r\n", 1);
    const bool named = end != std::string_view::npos && end > 1 && end <= max_service &&
                       body.substr(end).starts_with(separator);
    if (!named) return {{}, body};
    return {body.substr(1, end - 1), body.substr(end + separator.size())};
}

std::string_view without_line_end(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, shown(text));
    return out;
}

// The record is one line of its batch: its own line number would only confuse.
std::string without_line_number(std::string reason) {
    constexpr std::string_view words = "line 1, ";
    if (const auto at = reason.find(words); at != std::string::npos) reason.erase(at, words.size());
    return reason;
}

std::size_t longest(known_field f) noexcept {
    switch (f) {
        case known_field::level: return max_level;
        case known_field::service: return max_service;
        case known_field::trace: return max_trace;
        default: return max_line;
    }
}

std::optional<std::int64_t> parse_time(const json_part& value, std::string& scratch) {
    if (value.kind == json_kind::number) return parse_epoch(value.text);
    if (value.kind != json_kind::string) return std::nullopt;
    const auto text = text_of(value, scratch);
    const auto time = parse_timestamp(text);
    return time ? time : parse_epoch(text);
}

// As syslog and GELF (0 to 7), pino and bunyan (10 to 60), and Monolog (100 to 600) number their levels;
// empty: it is none of them.
std::string_view numbered_level(const json_part& value) {
    constexpr std::pair<std::string_view, std::string_view> levels[] = {
        {"10", "trace"},  {"20", "debug"},  {"30", "info"},   {"40", "warn"},  {"50", "error"},
        {"60", "fatal"},  {"100", "debug"}, {"200", "info"},  {"250", "info"}, {"300", "warn"},
        {"400", "error"}, {"500", "fatal"}, {"550", "fatal"}, {"600", "fatal"}};
    if (value.kind != json_kind::number) return {};
    if (value.text.size() == 1 && value.text[0] <= '7') return level_of_severity(value.text[0] - '0');
    for (const auto& [number, level] : levels)
        if (value.text == number) return level;
    return {};
}

// Null, or an empty text.
bool is_nothing(const json_part& value) {
    return value.kind == json_kind::null || (value.kind == json_kind::string && value.inside().empty());
}

}  // namespace

std::string judge_size(std::size_t bytes) {
    if (bytes <= max_line) return {};
    return "has " + std::to_string(bytes) + " bytes, allowed are " + std::to_string(max_line);
}

std::string shown(std::string_view sent) {
    constexpr std::size_t enough = 60;
    return std::string(sent.substr(0, enough));
}

std::string origin_member(std::string_view address, std::string_view way, std::string_view credential) {
    std::string from(address);
    for (const auto part : {way, credential})
        if (!part.empty()) (from += from.empty() ? "" : " ") += part;
    std::string member = R"(,"_from":)";
    append_json_string(member, from);
    return member;
}

void append_text_record(std::string& out, std::string_view body, const arrival& came) {
    const auto [source, text] = split_source(body);
    record_writer(out, came.now_ns, level_when_unknown, source, {}, without_line_end(text)).finish(came);
}

// --- record_reader

std::optional<std::string> record_reader::append(std::string& out, std::string_view text, const arrival& came,
                                                 record_style style) {
    if (auto reason = judge_size(text.size()); !reason.empty()) return reason;
    if (auto reason = split(text)) return reason;
    if (members_.empty()) return "the object is empty";
    mark_repeated();
    choose(style);
    if (auto reason = read_known()) return reason;
    render(out, came);
    return std::nullopt;
}

std::optional<std::string> record_reader::split(std::string_view text) {
    members_.clear();
    decoded_names_.clear();
    json_items items(text);
    member m;
    bool escaped_names = false;
    std::size_t count = 0;
    while (items.is_object() && items.next(m.name, m.value)) {
        if (++count > max_fields) continue;
        m.name_text = m.name.inside();
        escaped_names = escaped_names || m.name.has_escapes;
        members_.push_back(m);
    }
    if (!items.is_sound()) {
        json_part other;
        if (scan_json(text, other)) return "expected an object, found " + name_of(other.kind);
        return without_line_number(why_not_json(text));
    }
    if (count > max_fields)
        return "has " + std::to_string(count) + " fields, allowed are " + std::to_string(max_fields);
    if (!escaped_names) return std::nullopt;
    decoded_names_.reserve(members_.size());
    for (auto& one : members_) {
        if (!one.name.has_escapes) continue;
        append_decoded(decoded_names_.emplace_back(), one.name.inside());
        one.name_text = decoded_names_.back();
    }
    return std::nullopt;
}

// Few are compared with each other, which is quicker; of many each is looked up.
void record_reader::mark_repeated() {
    constexpr std::size_t few = 24;
    if (members_.size() <= few) {
        for (std::size_t i = 1; i < members_.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (members_[j].name_text == members_[i].name_text) members_[j].is_spare = true;
        return;
    }
    last_of_name_.clear();
    for (auto& m : members_) {
        const auto [old, is_new] = last_of_name_.try_emplace(m.name_text, &m);
        if (!is_new) std::exchange(old->second, &m)->is_spare = true;
    }
}

void record_reader::choose(record_style style) {
    chosen_ = {};
    for (auto& m : members_) {
        if (m.is_spare) continue;
        const auto name = field_of(m.name_text);
        if (name.field == known_field::none) continue;
        if (m.value.kind == json_kind::object && choose_inside(m)) continue;
        // A shipper's name may mean something else: then it is a further field like any other.
        const bool must_fit = style == record_style::shipped || !name.is_our_own();
        if (must_fit && judge(name.field, m.value)) continue;
        prefer(name.field, {&m, m.value, name.rank, true});
    }
}

// Elastic's "log.level", "service.name" and "trace.id" come as {"log":{"level":...}}, too: what is found
// inside counts, and the object stays a further field. False: nothing was.
bool record_reader::choose_inside(const member& m) {
    constexpr std::size_t max_name = 64;  // of those that are known, with room for '_' and '-'
    if (m.name_text.size() > max_name) return false;
    bool found = false;
    std::string path;
    json_part name;
    json_part value;
    for (json_items items(m.value.text); items.next(name, value);) {
        if (name.inside().size() > max_name) continue;
        path.assign(m.name_text).append(1, '.').append(name.inside());
        const auto is = field_of(path);
        if (is.field == known_field::none || judge(is.field, value)) continue;
        prefer(is.field, {nullptr, value, is.rank, true});
        found = true;
    }
    return found;
}

void record_reader::prefer(known_field field, const choice& c) {
    auto& best = chosen_[static_cast<std::size_t>(field)];
    if (!best.is_there || c.rank < best.rank) best = c;
}

std::optional<std::string> record_reader::read_known() {
    time_ns_.reset();
    for (std::size_t f = 0; f < chosen_.size(); ++f) {
        auto& c = chosen_[f];
        if (!c.is_there) continue;
        const auto field = static_cast<known_field>(f);
        if (auto reason = judge(field, c.value)) return reason;
        if (c.whole != nullptr) c.whole->is_known = true;
        c.is_there = !is_nothing(c.value);
        if (c.is_there && field == known_field::time) time_ns_ = parse_time(c.value, scratch_);
    }
    return std::nullopt;
}

// Why it cannot be that field.
std::optional<std::string> record_reader::judge(known_field field, const json_part& value) {
    if (is_nothing(value)) return std::nullopt;
    const auto name = [field] { return std::string(to_string(field)); };
    if (field == known_field::time) {
        if (parse_time(value, scratch_)) return std::nullopt;
        if (value.kind != json_kind::string && value.kind != json_kind::number)
            return name() + ": expected a string or a number, found " + name_of(value.kind);
        const auto found =
            value.kind == json_kind::string ? quoted(text_of(value, scratch_)) : shown(value.text);
        return name() + ": expected RFC 3339 like 2026-01-02T03:04:05.678Z or seconds since 1970, found " +
               found;
    }
    if (field == known_field::level && !numbered_level(value).empty()) return std::nullopt;
    if (value.kind != json_kind::string) return name() + ": expected a string, found " + name_of(value.kind);
    if (value.inside().size() <= longest(field)) return std::nullopt;
    const auto size = text_of(value, scratch_).size();
    if (size <= longest(field)) return std::nullopt;
    return name() + ": has " + std::to_string(size) + " bytes, allowed are " + std::to_string(longest(field));
}

void record_reader::render(std::string& out, const arrival& came) {
    const auto known = [this](known_field f) {
        const auto& c = chosen_[static_cast<std::size_t>(f)];
        return c.is_there ? &c.value : nullptr;
    };
    begin_record(out, time_ns_.value_or(came.now_ns));
    if (const auto* level = known(known_field::level); level == nullptr)
        append_json_string(out, level_when_unknown);
    else if (level->kind == json_kind::number)
        append_json_string(out, numbered_level(*level));
    else
        append_json_string(out, normal_level(text_of(*level, scratch_)));
    for (const auto f : {known_field::service, known_field::trace}) {
        const auto* value = known(f);
        if (value == nullptr) continue;
        out += f == known_field::service ? R"(,"service":)" : R"(,"trace":)";
        append_normal(out, *value);
    }
    out += R"(,"message":)";
    if (const auto* message = known(known_field::message))
        append_normal(out, *message);
    else
        out += R"("")";
    const auto is_here = [this](const std::string& name) {
        return std::ranges::find(members_, name, &member::name_text) != members_.end();
    };
    for (const auto& m : members_) {
        if (m.is_known || m.is_spare) continue;
        out += ',';
        if (is_reserved(m.name_text))
            append_json_string(out, free_name(m.name_text, is_here));
        else
            append_normal(out, m.name);
        out += ':';
        append_normal(out, m.value);
    }
    (out += came.from) += "}\n";
}

// --- record_writer

record_writer::record_writer(std::string& out, std::int64_t time_ns, std::string_view level,
                             std::string_view service, std::string_view trace, std::string_view message)
    : out_(out) {
    begin_record(out, time_ns);
    append_json_string(out, level.empty() ? level_when_unknown : level);
    if (!service.empty()) {
        out += R"(,"service":)";
        append_json_string(out, service);
    }
    if (!trace.empty()) {
        out += R"(,"trace":)";
        append_json_string(out, trace);
    }
    out += R"(,"message":)";
    append_json_string(out, message);
}

void record_writer::field(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    std::string json;
    append_json_string(json, text);
    json_field(name, json);
}

void record_writer::json_field(std::string_view name, std::string_view json) {
    out_ += ',';
    append_json_string(out_, stored_name(name));
    out_ += ':';
    out_ += json;
}

void record_writer::member(std::string_view key, std::string_view json) { (out_ += key) += json; }

void record_writer::finish(const arrival& came) { (out_ += came.from) += "}\n"; }

}  // namespace distd::logs
