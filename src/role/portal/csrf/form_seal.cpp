#include "role/portal/csrf/form_seal.hpp"

#include <algorithm>

namespace distd::portal {

bool is_seal_text(std::string_view text) noexcept {
    return text.size() == seal_digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::optional<std::string> token_of(std::string_view cookie_header) {
    while (!cookie_header.empty()) {
        auto pair = cookie_header.substr(0, cookie_header.find(';'));
        cookie_header.remove_prefix(std::min(pair.size() + 1, cookie_header.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        const auto is = pair.find('=');
        if (is == pair.npos || pair.substr(0, is) != seal_cookie) continue;
        if (is_seal_text(pair.substr(is + 1))) return std::string(pair.substr(is + 1));
    }
    return std::nullopt;
}

seal_state judge_seal(std::string_view cookie_header, const std::optional<std::string>& field) {
    if (!field) return seal_state::none;
    const auto kept = token_of(cookie_header);
    return kept && *kept == *field ? seal_state::whole : seal_state::broken;
}

}  // namespace distd::portal
