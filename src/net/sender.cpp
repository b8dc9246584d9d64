#include "net/sender.hpp"

#include <algorithm>

#include "net/forwarded_head.hpp"

namespace distd::http {

bool is_from_page(const request& q) noexcept {
    return !q.header("Origin").empty() || !q.header("Sec-Fetch-Site").empty();
}

bool is_from_other_site(const request& q) noexcept {
    if (const auto site = q.header("Sec-Fetch-Site"); !site.empty())
        return site != "same-origin" && site != "none";
    const auto origin = q.header("Origin");
    if (origin.empty()) return false;
    constexpr std::string_view mark = "://";
    const auto scheme_end = origin.find(mark);
    if (scheme_end == origin.npos) return true;  // "null": a page that has no site
    const auto page = origin.substr(scheme_end + mark.size());
    // Behind a gateway the page knows the gateway's name only. No page of another site can set that field.
    return !equal_ignoring_case(page, q.header("Host")) &&
           !equal_ignoring_case(page, q.header("X-Forwarded-Host"));
}

bool is_through_gateway(const request& q) {
    return std::ranges::any_of(q.headers(), [](const auto& field) {
        return equal_ignoring_case(field.first, "Via") && field.second.find(via_name) != field.second.npos;
    });
}

}  // namespace distd::http
