#include "role/portal/csrf/csrf_token.hpp"

#include "http/message/cookie.hpp"

namespace distd::portal {

bool is_csrf_text(std::string_view text) noexcept {
    return text.size() == csrf_digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::optional<std::string> token_of(std::string_view cookie_header) {
    while (const auto one = http::take_cookie(cookie_header))
        if (one->name == csrf_cookie && is_csrf_text(one->value)) return std::string(one->value);
    return std::nullopt;
}

csrf_check check_csrf(std::string_view cookie_header, const std::optional<std::string>& field) {
    if (!field) return csrf_check::none;
    const auto kept = token_of(cookie_header);
    return kept && *kept == *field ? csrf_check::ok : csrf_check::mismatch;
}

}  // namespace distd::portal
