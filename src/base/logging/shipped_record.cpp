#include "base/logging/shipped_record.hpp"

#include <distd/json.hpp>

#include "base/ascii.hpp"
#include "base/logging/json_lines.hpp"
#include "base/logging/log_values.hpp"
#include "base/reserved_append.hpp"

namespace distd {
namespace {

constexpr std::size_t max_trace_bytes = 128;  // of what a log service takes for one

void append_front(std::string& out, std::string_view stamp, log_level level, std::string_view service) {
    const auto name = to_string(level);
    constexpr std::size_t names = 24;
    reserved_append(out, names + stamp.size() + name.size() + service.size())
        << R"({"time":")" << stamp << R"(","level":")" << name << R"(")" << service;
}

bool is_trace(const log_field& f) noexcept { return f.quoted && f.text.size() <= max_trace_bytes; }

void append_field(std::string& out, const log_field& f) {
    const bool names_trace = ascii::equal_ignoring_case(f.key, "trace");
    const bool keeps_name = names_trace ? is_trace(f) : !is_shipped_member(f.key);
    append_log_member(out, keeps_name ? std::string_view() : taken_name_prefix, f);
}

}  // namespace

shipped_origin::shipped_origin(std::string_view service, std::string_view instance)
    : service_member(R"(,"service":)") {
    append_json_string(service_member, service);
    if (instance.empty()) return;
    instance_member = R"(,"instance":)";
    append_json_string(instance_member, instance);
}

bool is_shipped_member(std::string_view name) noexcept {
    return name == "time" || name == "level" || name == "service" || name == "instance" || name == "message";
}

void append_shipped_record(std::string& out, log_stamp& stamp, const shipped_origin& from,
                           const log_record& r) {
    const auto begin = out.size();
    append_front(out, stamp.of(r.time), r.level, from.service_member);
    out += R"(,"message":)";
    append_log_string(out, r.event);
    for (const auto& f : r.fields) {
        if (out.size() - begin > shipped_record_limit_bytes) {
            out += R"(,"truncated":true)";
            break;
        }
        append_field(out, f);
    }
    (out += from.instance_member) += '}';
}

// Ids, addresses and methods were judged when the request was: they hold nothing that needs an escape.
void append_shipped_record(std::string& out, log_stamp& stamp, const shipped_origin& from,
                           const access_record& r) {
    constexpr std::size_t names = 100;
    constexpr std::size_t numbers = 3 * reserved_append::max_number;
    append_front(out, stamp.of(r.time), r.level, from.service_member);
    reserved_append(out, names + r.trace_id.size() + r.method.size())
        << R"(,"trace":")" << r.trace_id << R"(","message":"request","method":")" << r.method
        << R"(","path":)";
    append_log_string(out, r.path);
    reserved_append(out, names + numbers + r.request_id.size() + r.remote.size())
        << R"(,"status":)" << r.status << R"(,"duration_us":)" << r.duration_us << R"(,"request_id":")"
        << r.request_id << R"(","bytes":)" << r.sent_bytes << R"(,"remote":")" << r.remote << R"(")";
    append_relay_members(out, r);
    reserved_append text(out, names + r.span_id.size() + r.parent_id.size() + from.instance_member.size());
    text << R"(,"span":")" << r.span_id;
    if (!r.parent_id.empty()) text << R"(","parent":")" << r.parent_id;
    text << R"(")" << from.instance_member << "}";
}

}  // namespace distd
