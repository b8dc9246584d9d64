#include "http/message/client_request.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "http/message/field_text.hpp"
#include "http/message/token.hpp"

namespace distd::http {
namespace {

bool is_ours(std::string_view name) {
    static constexpr std::array<std::string_view, 10> ours{
        "host", "content-length", "transfer-encoding", "connection", "keep-alive",
        "te",   "trailer",        "proxy-connection",  "upgrade",    "expect"};
    return std::ranges::find(ours, ascii::lowered(std::string(name))) != ours.end();
}

}  // namespace

result<std::string> chosen_fields_of(const call& c) {
    // Tunnels and echoes of the request are nothing that a service calls for.
    if (!is_token(c.method) || c.method == "CONNECT" || c.method == "TRACE") return errc::invalid;
    if (!is_field_value(c.content_type)) return errc::invalid;
    std::string lines;
    for (const auto& [name, value] : c.headers) {
        if (!is_token(name) || !is_field_value(value) || is_ours(name)) return errc::invalid;
        append_field(lines, name, value);
    }
    if (!c.content_type.empty() && !c.headers.contains("Content-Type"))
        append_field(lines, "Content-Type", c.content_type);
    return lines;
}

void write_request_head(std::string& out, std::string_view method, std::string_view target,
                        const request_fields& fields) {
    out.assign(method).append(" ").append(target).append(" HTTP/1.1\r\n");
    append_field(out, "Host", fields.authority);
    if (!fields.user_agent.empty()) append_field(out, "User-Agent", fields.user_agent);
    out.append(fields.chosen);
    if (fields.content_length) append_field(out, "Content-Length", std::to_string(*fields.content_length));
    if (fields.closes) append_field(out, "Connection", "close");
    if (!fields.authorization.empty()) append_field(out, "Authorization", fields.authorization);
    out += "\r\n";
}

}  // namespace distd::http
