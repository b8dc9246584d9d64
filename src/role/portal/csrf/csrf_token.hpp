// CSRF protection by double submit: the same random token in a cookie, which browsers send only to this site,
// and in a hidden field, which only this site's pages can contain. It is stored nowhere else, so it stays
// valid over restarts and at every portal of the same name. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message/cookie.hpp"

namespace distd::portal {

inline constexpr std::string_view csrf_cookie = "distd_form";
static_assert(csrf_cookie.starts_with(http::own_cookie_prefix));
inline constexpr std::size_t csrf_digits = 32;

// The hidden fields of every form.
struct csrf_token {
    std::string token;
    std::string key;      // of this form: a form sent twice counts once
    bool is_new = false;  // the visitor has no cookie yet
};

// Whether a text has the form of a token or key: csrf_digits hexadecimal digits.
[[nodiscard]] bool is_csrf_text(std::string_view) noexcept;

// The token in a Cookie header, if it has one of valid form.
[[nodiscard]] std::optional<std::string> token_of(std::string_view cookie_header);

enum class csrf_check : std::uint8_t {
    none,      // no token field: not a form of our pages
    ok,        // the field has the cookie's token
    mismatch,  // another token, or no cookie
};
[[nodiscard]] csrf_check check_csrf(std::string_view cookie_header, const std::optional<std::string>& field);

}  // namespace distd::portal
