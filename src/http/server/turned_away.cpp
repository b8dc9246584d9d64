#include "http/server/turned_away.hpp"

#include "http/server/response_writer.hpp"

namespace distd::http {
namespace {

const char* sentence(wanted what, bool is_share) noexcept {
    switch (what) {
        case wanted::connection:
            return is_share ? "Your address has as many connections open here as one address may."
                            : "Too many connections are open; try again.";
        case wanted::memory:
            return is_share
                       ? "The requests of your address use as much memory here as those of one address may."
                       : "Requests use as much memory here as they may; try again.";
        case wanted::request:
            return is_share ? "As many requests of your address are worked on here as of one address may be."
                            : "As many requests are worked on here as may be at once; try again.";
        case wanted::stream:
            return is_share ? "Your address has as many streams open here as one address may."
                            : "Too many streams are open; try again.";
    }
    return "";
}

}  // namespace

response turned_away(source_shares::verdict why, wanted what) {
    const bool is_share = why == source_shares::verdict::share_taken;
    return response::problem(is_share ? 429 : 503, sentence(what, is_share)).header("Retry-After", "1");
}

response gave_way() {
    return response::problem(503, "The room that this request had was needed for others; try again.")
        .header("Retry-After", "1");
}

std::string turned_away_text(source_shares::verdict why, wanted what) {
    const auto r = turned_away(why, what);
    const auto body = body_bytes(r);
    std::string text = "HTTP/1.1 " + std::to_string(r.status()) + " ";
    text.append(reason_phrase(r.status())).append("\r\nServer: distd\r\nContent-Type: ");
    text.append(r.content_type()).append("\r\nContent-Length: ").append(std::to_string(body.size()));
    return text.append("\r\nRetry-After: 1\r\nConnection: close\r\n\r\n").append(body);
}

}  // namespace distd::http
