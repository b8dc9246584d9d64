#include "role/portal/csrf/csrf_token.hpp"

#include <algorithm>

namespace distd::portal {

bool is_csrf_text(std::string_view text) noexcept {
    return text.size() == csrf_digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::optional<std::string> token_of(std::string_view cookie_header) {
    while (!cookie_header.empty()) {
        auto pair = cookie_header.substr(0, cookie_header.find(';'));
        cookie_header.remove_prefix(std::min(pair.size() + 1, cookie_header.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        const auto is = pair.find('=');
        if (is == pair.npos || pair.substr(0, is) != csrf_cookie) continue;
        if (is_csrf_text(pair.substr(is + 1))) return std::string(pair.substr(is + 1));
    }
    return std::nullopt;
}

csrf_check check_csrf(std::string_view cookie_header, const std::optional<std::string>& field) {
    if (!field) return csrf_check::none;
    const auto kept = token_of(cookie_header);
    return kept && *kept == *field ? csrf_check::ok : csrf_check::mismatch;
}

}  // namespace distd::portal
