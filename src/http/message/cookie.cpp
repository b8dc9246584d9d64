#include "http/message/cookie.hpp"

#include <algorithm>

namespace distd::http {

std::optional<cookie> take_cookie(std::string_view& field) noexcept {
    while (!field.empty()) {
        auto text = field.substr(0, field.find(';'));
        field.remove_prefix(std::min(text.size() + 1, field.size()));
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        if (text.empty()) continue;
        const auto equals = text.find('=');
        if (equals == text.npos) return cookie{text, {}, text};
        return cookie{text, text.substr(0, equals), text.substr(equals + 1)};
    }
    return std::nullopt;
}

std::string_view cookie_value(std::string_view field, std::string_view name) noexcept {
    while (const auto one = take_cookie(field))
        if (one->name == name) return one->value;
    return {};
}

}  // namespace distd::http
