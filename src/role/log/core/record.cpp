#include "role/log/core/record.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <distd/json.hpp>
#include <utility>
#include <vector>

#include "role/log/core/timestamp.hpp"

namespace distd::logs {
namespace {

struct known_fields {
    std::int64_t time_ns = 0;
    std::string level = "info";
    std::string_view service;
    std::string_view trace;
    std::string_view message;
};

// Leaves the object open.
void append_known(std::string& out, const known_fields& f) {
    out += R"({"time":")";
    append_timestamp(out, f.time_ns);
    out += R"(","level":)";
    append_json_string(out, f.level);
    if (!f.service.empty()) {
        out += R"(,"service":)";
        append_json_string(out, f.service);
    }
    if (!f.trace.empty()) {
        out += R"(,"trace":)";
        append_json_string(out, f.trace);
    }
    out += R"(,"message":)";
    append_json_string(out, f.message);
}

// `[Name] - text`; the name may hold spaces, not brackets or line ends.
std::pair<std::string_view, std::string_view> split_source(std::string_view body) {
    constexpr std::string_view separator = "] - ";
    if (!body.starts_with('[')) return {{}, body};
    const auto end = body.find_first_of("[]\r\n", 1);
    const bool named = end != std::string_view::npos && end > 1 && end <= longest_service &&
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
    constexpr std::size_t shown = 60;
    std::string out;
    append_json_string(out, text.substr(0, shown));
    return out;
}

// Reads the fields that every record may have, and remembers which members they were.
class record_reader {
public:
    explicit record_reader(const json::object& sent) : sent_(sent) {}

    std::optional<std::string> read(known_fields& f) {
        if (sent_.empty()) return "the object is empty";
        if (sent_.size() > most_fields)
            return "has " + std::to_string(sent_.size()) + " fields, allowed are " +
                   std::to_string(most_fields);
        std::string_view time;
        std::string_view level;
        if (!text("time", 64, time) || !text("level", longest_level, level)) return std::move(reason_);
        if (!text("service", longest_service, f.service) || !text("trace", longest_trace, f.trace))
            return std::move(reason_);
        if (!text("message", longest_line, f.message)) return std::move(reason_);
        if (!level.empty()) f.level = normal_level(level);
        if (time.empty()) return std::nullopt;
        const auto parsed = parse_timestamp(time);
        if (!parsed) return "time: expected RFC 3339 like 2026-01-02T03:04:05.678Z, found " + quoted(time);
        f.time_ns = *parsed;
        return std::nullopt;
    }

    [[nodiscard]] bool was_read(const json::value& v) const {
        return std::find(read_.begin(), read_.end(), &v) != read_.end();
    }

private:
    bool text(std::string_view name, std::size_t longest, std::string_view& out) {
        const auto* v = find_field(sent_, name);
        if (!v) return true;
        read_.push_back(v);
        if (v->is_null()) return true;
        if (!v->is_string()) {
            reason_ = std::string(name) + ": expected a string, found " + detail::json_kind(*v);
            return false;
        }
        out = {v->get_string().data(), v->get_string().size()};
        if (out.size() <= longest) return true;
        reason_ = std::string(name) + ": has " + std::to_string(out.size()) + " bytes, allowed are " +
                  std::to_string(longest);
        return false;
    }

    const json::object& sent_;
    std::string reason_;
    std::vector<const json::value*> read_;
};

// The journal numbers lines itself; a number that came along, as with lines exported from a log service, is
// kept apart.
std::string_view stored_name(std::string_view name) { return name == "seq" ? "sent_seq" : name; }

// The record is one line of its batch: its own line number would only confuse.
std::string without_line_number(std::string reason) {
    constexpr std::string_view words = "line 1, ";
    if (const auto at = reason.find(words); at != std::string::npos) reason.erase(at, words.size());
    return reason;
}

}  // namespace

void append_text_record(std::string& out, std::string_view body, std::int64_t now_ns) {
    const auto [source, text] = split_source(body);
    append_known(out, {now_ns, "info", source, {}, without_line_end(text)});
    out += "}\n";
}

void append_own_record(std::string& out, std::string_view service, log_level level, std::string_view text,
                       std::int64_t now_ns) {
    append_known(out, {now_ns, std::string(to_string(level)), service, {}, without_line_end(text)});
    out += "}\n";
}

std::optional<std::string> append_json_record(std::string& out, std::string_view text, std::int64_t now_ns) {
    if (text.size() > longest_line)
        return "has " + std::to_string(text.size()) + " bytes, allowed are " + std::to_string(longest_line);
    json_error error;
    const auto sent = parse_json(text, error);
    if (!sent) return without_line_number(std::move(error.text));
    if (!sent->is_object()) return "expected an object, found " + detail::json_kind(*sent);

    known_fields fields;
    fields.time_ns = now_ns;
    record_reader reader(sent->get_object());
    if (auto reason = reader.read(fields)) return reason;
    append_known(out, fields);
    for (const auto& member : sent->get_object()) {
        if (reader.was_read(member.value())) continue;
        out += ',';
        append_json_string(out, stored_name({member.key().data(), member.key().size()}));
        out += ':';
        out += to_text(member.value());
    }
    out += "}\n";
    return std::nullopt;
}

std::string normal_level(std::string_view level) {
    std::string lower(level);
    for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> spellings{{{"warning", "warn"},
                                                                                      {"err", "error"},
                                                                                      {"information", "info"},
                                                                                      {"critical", "fatal"},
                                                                                      {"crit", "fatal"}}};
    for (const auto& [spelling, meant] : spellings)
        if (lower == spelling) return std::string(meant);
    return lower;
}

}  // namespace distd::logs
