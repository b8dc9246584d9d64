// The value types of distd/http.hpp: header fields and answers.
#include <algorithm>
#include <array>
#include <distd/http.hpp>
#include <distd/json.hpp>

#include "http/message/request_head.hpp"

namespace distd::http {
namespace {

constexpr std::string_view json_type = "application/json";

// For answers that are no page, should a browser open one: they load nothing, in nobody's frame.
void forbid_loading(fields& headers) {
    headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

struct known_status {
    int status;
    std::string_view reason;
};
constexpr auto known_statuses = std::to_array<known_status>({
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a Teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {511, "Network Authentication Required"},
});
static_assert(std::is_sorted(known_statuses.begin(), known_statuses.end(),
                             [](const auto& a, const auto& b) { return a.status < b.status; }));

}  // namespace

std::string_view to_string(verb v) noexcept {
    switch (v) {
        case verb::get: return "GET";
        case verb::head: return "HEAD";
        case verb::post: return "POST";
        case verb::put: return "PUT";
        case verb::patch: return "PATCH";
        case verb::del: return "DELETE";
        case verb::options: return "OPTIONS";
        case verb::other: return "other";
    }
    return "GET";
}

std::string_view reason_phrase(int status) noexcept {
    const auto* const it =
        std::lower_bound(known_statuses.begin(), known_statuses.end(), status,
                         [](const known_status& known, int wanted) { return known.status < wanted; });
    return it != known_statuses.end() && it->status == status ? it->reason : "Other";
}

std::string_view fields::find(std::string_view name) const noexcept {
    for (const auto& [n, v] : items_)
        if (equal_ignoring_case(n, name)) return v;
    return {};
}

bool fields::contains(std::string_view name) const noexcept {
    return std::any_of(items_.begin(), items_.end(),
                       [&](const auto& f) { return equal_ignoring_case(f.first, name); });
}

void fields::add(std::string name, std::string value) {
    items_.emplace_back(std::move(name), std::move(value));
}

void fields::set(std::string_view name, std::string value) {
    remove(name);
    items_.emplace_back(std::string(name), std::move(value));
}

void fields::remove(std::string_view name) noexcept {
    std::erase_if(items_, [&](const auto& f) { return equal_ignoring_case(f.first, name); });
}

response response::text(int status, std::string body) {
    response r(status);
    r.known_type_ = "text/plain; charset=utf-8";
    r.body_ = std::move(body);
    return r;
}

response response::json(int status, const boost::json::value& body) {
    return json_text(status, to_text(body));
}

response response::json_text(int status, std::string body) {
    response r(status);
    r.known_type_ = json_type;
    r.body_ = std::move(body);
    return r;
}

response response::json_text(int status, shared_text body) {
    response r(status);
    r.known_type_ = json_type;
    r.body_ = std::move(body);
    return r;
}

response response::html(int status, std::string body) {
    response r(status);
    r.known_type_ = "text/html; charset=utf-8";
    r.body_ = std::move(body);
    r.compressible_ = true;
    return r;
}

response response::problem(int status, std::string detail, boost::json::object more) {
    boost::json::object body;
    body["title"] = boost::json::string_view(reason_phrase(status).data(), reason_phrase(status).size());
    body["status"] = status;
    body["detail"] = detail;
    for (auto& member : more) body[member.key()] = std::move(member.value());
    response r(status);
    r.known_type_ = "application/problem+json";
    r.body_ = to_text(body);
    forbid_loading(r.headers_);
    return r;
}

response response::of(const boost::system::error_code& ec) {
    if (ec.category() != distd_category())
        return problem(500, "Internal error; the service's log has the cause.");
    switch (static_cast<errc>(ec.value())) {
        case errc::unreachable: return problem(502, "The service behind this one cannot be reached.");
        case errc::timed_out: return problem(504, "The service behind this one did not answer in time.");
        case errc::connection_lost:
            return problem(502, "The connection to the service behind this one broke.");
        case errc::bad_answer:
            return problem(502, "The service behind this one gave an answer that is not usable.");
        case errc::bad_address:
            return problem(502, "The service behind this one has an address that cannot be used.");
        case errc::no_provider:
            return problem(503, "No instance of a service that this needs is known at the moment.");
        case errc::overloaded:
            return std::move(problem(503, "Too much work at the moment; try again."))
                .header("Retry-After", "1");
        case errc::stopped: return problem(503, "The service is stopping.");
        case errc::not_found: return problem(404, "There is no such thing here.");
        case errc::conflict: return problem(409, "It was changed by someone else meanwhile.");
        case errc::invalid: return problem(422, "The content breaks a rule.");
        case errc::storage_full:
            return problem(507, "There is no room left on the disk; nothing was stored.");
        case errc::storage_failed:
            return problem(500, "The store cannot be written or read; nothing was stored.");
        case errc::untrusted:
            return problem(502, "The service behind this one has a certificate that is not trusted.");
        case errc::outcome_unknown:
            return problem(500,
                           "The disk failed while this was stored: it is not known whether it was. Look at "
                           "what is there, or send it again; with the same Idempotency-Key it counts once.");
    }
    return problem(500, "Internal error; the service's log has the cause.");
}

response response::redirect(int status, std::string location) {
    response r(status);
    r.headers_.add("Location", std::move(location));
    r.headers_.add("X-Content-Type-Options", "nosniff");  // answers with a body have it by themselves
    forbid_loading(r.headers_);
    return r;
}

response response::shared(int status, std::string content_type, shared_text body) {
    response r(status);
    r.other_type_ = std::move(content_type);
    r.body_ = std::move(body);
    return r;
}

response response::stream(int status, std::string content_type, stream_body producer) {
    response r(status);
    r.other_type_ = std::move(content_type);
    r.body_ = std::move(producer);
    return r;
}

response response::events(stream_body producer) {
    return stream(200, "text/event-stream", std::move(producer)).header("Cache-Control", "no-store");
}

response&& response::header(std::string name, std::string value) && {
    headers_.add(std::move(name), std::move(value));
    return std::move(*this);
}

response& response::header(std::string name, std::string value) & {
    headers_.add(std::move(name), std::move(value));
    return *this;
}

response&& response::etag(std::string tag) && {
    etag_ = std::move(tag);
    return std::move(*this);
}

response&& response::content_type(std::string type) && {
    known_type_ = {};
    other_type_ = std::move(type);
    return std::move(*this);
}

response&& response::compressible() && {
    compressible_ = true;
    return std::move(*this);
}

response&& response::holding(std::size_t bytes) && {
    held_bytes_ = bytes;
    return std::move(*this);
}

void handler_result::header(std::string name, std::string value) {
    if (auto* ready = std::get_if<response>(&value_))
        ready->header(std::move(name), std::move(value));
    else
        headers_.add(std::move(name), std::move(value));
}

}  // namespace distd::http
