#include "role/portal/core/site_check.hpp"

#include "role/portal/core/ascii.hpp"

namespace distd::portal {
namespace {

std::string_view without_suffix(std::string_view text, std::string_view suffix) noexcept {
    if (text.ends_with(suffix)) text.remove_suffix(suffix.size());
    return text;
}

// An origin leaves its scheme's default port out; a Host header may or may not.
bool names_host(std::string_view origin, std::string_view scheme, std::string_view port,
                std::string_view host) noexcept {
    if (!same_letters(origin.substr(0, scheme.size()), scheme)) return false;
    return same_letters(without_suffix(origin.substr(scheme.size()), port), without_suffix(host, port));
}

}  // namespace

bool is_from_another_site(std::string_view sec_fetch_site, std::string_view origin,
                          std::string_view host) noexcept {
    // "same-site" is another port or a sister domain: not one of our pages. "none" is typed by the user.
    if (!sec_fetch_site.empty()) return sec_fetch_site != "same-origin" && sec_fetch_site != "none";
    if (origin.empty()) return false;
    return !names_host(origin, "http://", ":80", host) && !names_host(origin, "https://", ":443", host);
}

}  // namespace distd::portal
