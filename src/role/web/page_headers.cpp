#include "role/web/page_headers.hpp"

#include <utility>

namespace distd::web {
namespace {

// No external content, no inline script or style, no framing. (The server adds nosniff itself.)
constexpr auto content_policy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

}  // namespace

http::response guarded(http::response r) {
    return std::move(r)
        .header("Content-Security-Policy", content_policy)
        .header("Referrer-Policy", "same-origin");
}

http::response page(int status, std::string html) {
    return guarded(http::response::html(status, std::move(html)))
        .header("Cache-Control", "private, no-cache");
}

std::optional<http::response> asset(const web_files& files, const http::request& q) {
    const auto path = "assets/" + q.param("path");
    auto file = files.find(path);
    if (!file) return std::nullopt;
    const bool named_by_content = !file->tag.empty() && q.query("v") == file->tag;
    auto answer =
        http::response(200)
            .content_type(std::string(content_type_of(path)))
            .header("Cache-Control", named_by_content ? "public, max-age=31536000, immutable" : "no-cache");
    if (!file->tag.empty()) std::move(answer).etag(file->tag);
    answer.body() = std::move(file->bytes);
    return guarded(std::move(answer).compressible());
}

}  // namespace distd::web
