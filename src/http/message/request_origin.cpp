#include "http/message/request_origin.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace distd::http {

using ascii::equal_ignoring_case;

namespace {

std::string_view without_suffix(std::string_view text, std::string_view suffix) noexcept {
    if (text.ends_with(suffix)) text.remove_suffix(suffix.size());
    return text;
}

// An origin leaves its scheme's default port out; a host may have it.
bool names(std::string_view origin, std::string_view scheme, std::string_view port,
           std::string_view host) noexcept {
    if (host.empty() || !equal_ignoring_case(origin.substr(0, scheme.size()), scheme)) return false;
    return equal_ignoring_case(without_suffix(origin.substr(scheme.size()), port),
                               without_suffix(host, port));
}

bool is_at(std::string_view origin, std::string_view host) noexcept {
    return names(origin, "http://", ":80", host) || names(origin, "https://", ":443", host);
}

}  // namespace

bool is_from_page(const request& q) noexcept {
    return !q.header("Origin").empty() || !q.header("Sec-Fetch-Site").empty();
}

bool is_from_other_site(const request& q) noexcept {
    // From the browser itself, so it decides alone; it also survives a proxy in front that rewrites Host.
    // "same-site" is another port or a sister domain: none of our pages. "none" was typed by the user.
    if (const auto site = q.header("Sec-Fetch-Site"); !site.empty())
        return site != "same-origin" && site != "none";
    // Browsers that are too old for it, or talk plain HTTP to another machine. "null": a page without a site.
    const auto origin = q.header("Origin");
    if (origin.empty()) return false;
    // Behind a gateway the page knows the gateway's name only. No page of another site can set that field.
    return !is_at(origin, q.header("Host")) && !is_at(origin, q.header("X-Forwarded-Host"));
}

bool is_from_same_origin(const request& q) noexcept {
    if (const auto site = q.header("Sec-Fetch-Site"); !site.empty()) return site == "same-origin";
    return is_at(q.header("Origin"), q.header("Host"));
}

bool is_through_gateway(const request& q) {
    return std::ranges::any_of(q.headers(), [](const auto& field) {
        return equal_ignoring_case(field.first, "Via") && field.second.find(via_name) != field.second.npos;
    });
}

}  // namespace distd::http
