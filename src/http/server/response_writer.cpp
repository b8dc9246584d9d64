#include "http/server/response_writer.hpp"

#include <algorithm>

#include "base/append_number.hpp"
#include "base/ascii.hpp"
#include "base/reserved_append.hpp"
#include "http/message/etag.hpp"
#include "http/message/gzip.hpp"

namespace distd::http {
namespace {

constexpr std::size_t min_to_compress = 1024;

// A value that a handler made from what somebody sent must not end the line it stands on.
void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ");
    const auto start = out.size();
    out.append(value);
    for (auto i = start; i < out.size(); ++i)
        if (static_cast<unsigned char>(out[i]) < 0x20 || out[i] == 0x7f) out[i] = ' ';
    out.append("\r\n");
}

// The last lines of a head, and the empty one that ends it. An answer of HTTP/1.0 has to say what goes
// without saying since.
std::string_view end_of_head(const exchange& x, bool keep_alive) noexcept {
    if (!keep_alive) return "Connection: close\r\n\r\n";
    return x.head.http_1_0 ? "Connection: keep-alive\r\n\r\n" : "\r\n";
}

// Whether one of the lines, each with its end, is of that field.
bool names(std::string_view lines, std::string_view field) {
    while (!lines.empty()) {
        const auto colon = std::min(lines.find(':'), lines.size());
        if (ascii::equal_ignoring_case(lines.substr(0, colon), field)) return true;
        lines.remove_prefix(std::min(lines.find('\n', colon), lines.size() - 1) + 1);
    }
    return false;
}

bool may_have_body(int status) noexcept { return status >= 200 && status != 204 && status != 304; }

// True when the client has what we would send.
bool is_unchanged(const response& r, const exchange& x) noexcept {
    if (r.etag().empty() || r.status() != 200) return false;
    if (x.head.method != verb::get && x.head.method != verb::head) return false;
    return etag_matches(x.head.find("If-None-Match"), r.etag());
}

bool compress_if_wanted(response& r, const exchange& x, gzipped_texts& gzipped) {
    const auto bytes = body_bytes(r);
    if (bytes.size() < min_to_compress || !list_has_token(x.head.find("Accept-Encoding"), "gzip"))
        return false;
    if (const auto* shared = std::get_if<shared_text>(&r.body()))
        r.body() = gzipped.of(*shared);
    else
        r.body() = gzip(bytes);
    return true;
}

}  // namespace

std::string_view body_bytes(const response& r) noexcept {
    if (const auto* text = std::get_if<std::string>(&r.body())) return *text;
    if (const auto* shared = std::get_if<shared_text>(&r.body()))
        return *shared ? std::string_view(**shared) : std::string_view();
    return {};
}

written_head write_head(std::string& out, response& r, const exchange& x, bool keep_alive,
                        std::string_view date, gzipped_texts& texts) {
    written_head written;
    const bool streamed = std::holds_alternative<stream_body>(r.body());
    const int status = is_unchanged(r, x) ? 304 : r.status();
    const bool gzipped =
        !streamed && r.is_compressible() && may_have_body(status) && compress_if_wanted(r, x, texts);
    written.sends_body = may_have_body(status) && x.head.method != verb::head;

    const bool has_body = may_have_body(status);
    const bool names_type = has_body && !r.content_type().empty();
    {
        constexpr std::size_t names = 192;
        reserved_append head(out, names + reserved_append::max_number * 2 + reason_phrase(status).size() +
                                      date.size() + r.content_type().size());
        if (status == 200)
            head << "HTTP/1.1 200 OK\r\nServer: distd\r\nDate: ";
        else
            head << "HTTP/1.1 " << status << " " << reason_phrase(status) << "\r\nServer: distd\r\nDate: ";
        head << date;
        if (streamed && has_body) {
            written.framing = x.head.http_1_0 ? body_framing::until_close : body_framing::chunked;
            if (written.framing == body_framing::until_close) keep_alive = false;
            if (!x.head.http_1_0) head << "\r\nTransfer-Encoding: chunked";
        } else if (has_body) {
            head << "\r\nContent-Length: " << body_bytes(r).size();
        }
        if (names_type)
            head << "\r\nContent-Type: " << r.content_type() << "\r\nX-Content-Type-Options: nosniff";
        head << "\r\n";
    }
    if (!r.etag().empty()) out.append("ETag: \"").append(r.etag()).append(gzipped ? "-gzip\"\r\n" : "\"\r\n");
    if (gzipped) out.append("Content-Encoding: gzip\r\n");
    if (r.is_compressible()) out.append("Vary: Accept-Encoding\r\n");
    for (const auto& [name, value] : r.headers()) {
        if (x.is_encrypted && equal_ignoring_case(name, "Set-Cookie"))
            append_field(out, name, value + "; Secure");
        else
            append_field(out, name, value);
    }
    reserved_append(out, x.signature.size() + x.request_id().size() + 64)
        << x.signature << "X-Request-Id: " << x.request_id() << "\r\n"
        << end_of_head(x, keep_alive);
    return written;
}

body_framing write_relayed_head(std::string& out, const relayed_head& r, const exchange& x, bool keep_alive,
                                std::string_view strict_transport) {
    const bool is_upgrade = r.status == 101;
    auto framing = body_framing::length;
    if (r.has_body && !r.length)
        framing = x.head.http_1_0 ? body_framing::until_close : body_framing::chunked;
    if (framing == body_framing::until_close) keep_alive = false;

    out.append("HTTP/1.1 ");
    append_number(out, r.status);
    out.append(" ").append(reason_phrase(r.status)).append("\r\n").append(r.lines);
    // Whoever answers for a host of its own may know better; of two, browsers take the first.
    if (x.is_encrypted && !strict_transport.empty() && !names(r.lines, strict_transport_field))
        out.append(strict_transport_field).append(": ").append(strict_transport).append("\r\n");
    if (framing == body_framing::chunked) out.append("Transfer-Encoding: chunked\r\n");
    if (r.length && framing == body_framing::length && !is_upgrade) {
        out.append("Content-Length: ");
        append_number(out, *r.length);
        out.append("\r\n");
    }
    out.append(is_upgrade ? "Connection: upgrade\r\n\r\n" : end_of_head(x, keep_alive));
    return framing;
}

}  // namespace distd::http
