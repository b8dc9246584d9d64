#include "http/message/client_request.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "http/message/token.hpp"

namespace distd::http {
namespace {

// Whole values only: a line break in one would begin a field, or a request, of the value's author.
bool is_value(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= ' ' && byte != 0x7f);
    });
}

bool is_ours(std::string_view name) {
    static constexpr std::array<std::string_view, 10> ours{
        "host", "content-length", "transfer-encoding", "connection", "keep-alive",
        "te",   "trailer",        "proxy-connection",  "upgrade",    "expect"};
    return std::ranges::find(ours, ascii::lowered(std::string(name))) != ours.end();
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

result<std::string> chosen_fields_of(const call& c) {
    // Tunnels and echoes of the request are nothing that a service calls for.
    if (!is_token(c.method) || c.method == "CONNECT" || c.method == "TRACE") return errc::invalid;
    if (!is_value(c.content_type)) return errc::invalid;
    std::string lines;
    for (const auto& [name, value] : c.headers) {
        if (!is_token(name) || !is_value(value) || is_ours(name)) return errc::invalid;
        add_line(lines, name, value);
    }
    if (!c.content_type.empty() && !c.headers.contains("Content-Type"))
        add_line(lines, "Content-Type", c.content_type);
    return lines;
}

void write_request_head(std::string& out, const request_line& line, const request_fields& fields) {
    out.assign(line.method).append(" ").append(line.target).append(" HTTP/1.1\r\n");
    add_line(out, "Host", fields.authority);
    if (!fields.user_agent.empty()) add_line(out, "User-Agent", fields.user_agent);
    out.append(fields.chosen);
    if (fields.content_length) add_line(out, "Content-Length", std::to_string(*fields.content_length));
    if (fields.closes) add_line(out, "Connection", "close");
    if (!fields.authorization.empty()) add_line(out, "Authorization", fields.authorization);
    out += "\r\n";
}

}  // namespace distd::http
