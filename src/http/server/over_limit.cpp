#include "http/server/over_limit.hpp"

#include "http/server/response_writer.hpp"

namespace distd::http {
namespace {

const char* sentence(limited what, bool is_of_address) noexcept {
    switch (what) {
        case limited::connection:
            return is_of_address ? "Your address has reached its limit of open connections."
                                 : "The server has reached its limit of open connections; try again.";
        case limited::memory:
            return is_of_address ? "Your address has reached its limit of memory for requests."
                                 : "The server has reached its limit of memory for requests; try again.";
        case limited::request:
            return is_of_address ? "Your address has reached its limit of concurrent requests."
                                 : "The server has reached its limit of concurrent requests; try again.";
        case limited::stream:
            return is_of_address ? "Your address has reached its limit of open streams."
                                 : "The server has reached its limit of open streams; try again.";
    }
    return "";
}

}  // namespace

response over_limit(source_shares::verdict why, limited what) {
    const bool is_of_address = why == source_shares::verdict::share_taken;
    return response::problem(is_of_address ? 429 : 503, sentence(what, is_of_address))
        .header("Retry-After", "1");
}

response evicted_response() {
    return response::problem(503, "The server dropped this request to have room for others; try again.")
        .header("Retry-After", "1");
}

std::string over_limit_bytes(source_shares::verdict why, limited what) {
    const auto r = over_limit(why, what);
    const auto body = body_bytes(r);
    std::string text = "HTTP/1.1 " + std::to_string(r.status()) + " ";
    text.append(reason_phrase(r.status())).append("\r\nServer: distd\r\nContent-Type: ");
    text.append(r.content_type()).append("\r\nContent-Length: ").append(std::to_string(body.size()));
    return text.append("\r\nRetry-After: 1\r\nConnection: close\r\n\r\n").append(body);
}

}  // namespace distd::http
