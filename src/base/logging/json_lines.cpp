#include "base/logging/json_lines.hpp"

#include "base/append_number.hpp"
#include "base/logging/log_values.hpp"
#include "base/reserved_append.hpp"

namespace distd {
namespace {

void open_json(std::string& out, std::string_view stamp, log_level level, std::string_view source) {
    const auto name = to_string(level);
    constexpr std::size_t names = 40;
    reserved_append(out, names + stamp.size() + name.size())
        << R"({"time":")" << stamp << R"(","level":")" << name << R"(","service":)";
    append_log_string(out, source);
}

bool is_taken(std::string_view key) noexcept {
    return key == "time" || key == "level" || key == "service" || key == "event";
}

}  // namespace

void append_json_line(std::string& out, log_stamp& stamp, const log_record& r) {
    open_json(out, stamp.of(r.time), r.level, r.source);
    out += ",\"event\":";
    append_log_string(out, r.event);
    for (const auto& f : r.fields)
        append_log_member(out, is_taken(f.key) ? taken_name_prefix : std::string_view(), f);
    out += "}\n";
}

// Ids, addresses and methods were judged when the request was: they hold nothing that needs an escape.
void append_json_line(std::string& out, log_stamp& stamp, const access_record& r) {
    open_json(out, stamp.of(r.time), log_level::info, r.source);
    constexpr std::size_t names = 128;
    {
        reserved_append text(out, names + r.request_id.size() + r.trace_id.size() + r.span_id.size() +
                                      r.parent_id.size() + r.remote.size() + r.method.size());
        text << R"(,"event":"request","id":")" << r.request_id << R"(","trace":")" << r.trace_id
             << R"(","span":")" << r.span_id;
        if (!r.parent_id.empty()) text << R"(","parent":")" << r.parent_id;
        text << R"(","remote":")" << r.remote << R"(","method":")" << r.method << R"(","path":)";
    }
    append_log_string(out, r.path);
    constexpr std::size_t numbers = 3 * reserved_append::max_number;
    reserved_append(out, names + numbers) << R"(,"status":)" << r.status << R"(,"bytes":)" << r.sent_bytes
                                          << R"(,"duration_us":)" << r.duration_us;
    append_relay_members(out, r);
    out += "}\n";
}

void append_relay_members(std::string& out, const access_record& r) {
    if (r.tries > 0) {
        out += R"(,"upstream":)";
        append_log_string(out, r.upstream);
        out += R"(,"tries":)";
        append_number(out, r.tries);
    }
    if (r.tries > 0 || !r.reason.empty()) {
        out += R"(,"reason":)";
        append_log_string(out, r.reason);
    }
}

}  // namespace distd
