#include "net/other_site.hpp"

namespace distd::http {

bool is_from_other_site(const request_head& head) noexcept {
    if (const auto site = head.find("Sec-Fetch-Site"); !site.empty())
        return site != "same-origin" && site != "none";
    const auto origin = head.find("Origin");
    if (origin.empty()) return false;
    constexpr std::string_view mark = "://";
    const auto scheme_end = origin.find(mark);
    if (scheme_end == origin.npos) return true;  // "null": a page that has no site
    const auto page = origin.substr(scheme_end + mark.size());
    // Behind a gateway the page knows the gateway's name only. No page of another site can set that field.
    return !equal_ignoring_case(page, head.find("Host")) &&
           !equal_ignoring_case(page, head.find("X-Forwarded-Host"));
}

}  // namespace distd::http
