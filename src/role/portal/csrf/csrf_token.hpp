// The token that tells a form of our own pages from one that another site made up: the same random text in a
// cookie, which only this site is sent, and in a hidden field, which only this site's pages can hold. It is
// kept nowhere else, so it holds over restarts and at every portal of the same name. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace distd::portal {

inline constexpr std::string_view csrf_cookie = "distd_form";
inline constexpr std::size_t csrf_digits = 32;

// What every form carries in hidden fields.
struct csrf_token {
    std::string token;
    std::string key;      // of this one form: what is sent twice counts once
    bool is_new = false;  // the visitor has no such cookie yet
};

// Tokens and keys are this many hexadecimal digits; nothing else is taken from a visitor.
[[nodiscard]] bool is_csrf_text(std::string_view) noexcept;

// The token in a Cookie header, if there is one that we could have made.
[[nodiscard]] std::optional<std::string> token_of(std::string_view cookie_header);

enum class csrf_check : std::uint8_t {
    none,    // no token at all: not a form of our pages
    whole,   // the field has the cookie's token
    broken,  // another token, or the cookie is gone
};
[[nodiscard]] csrf_check check_csrf(std::string_view cookie_header, const std::optional<std::string>& field);

}  // namespace distd::portal
