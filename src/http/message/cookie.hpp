// Cookies: those of a request's Cookie field, `a=1; b=2`, and which are ours. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace distd::http {

// What the names of all cookies of this system's own pages begin with, the portal's and the console's: the
// gateway lets none pass, in either direction.
inline constexpr std::string_view own_cookie_prefix = "distd_";

struct cookie {
    std::string_view text;  // a=1
    std::string_view name;  // empty where there is no `=`, as in browsers
    std::string_view value;
};

// The first cookie of a field's value, which loses it; nullopt: there is none left.
[[nodiscard]] std::optional<cookie> take_cookie(std::string_view& field) noexcept;

// The value of the first cookie of that name; empty where there is none.
[[nodiscard]] std::string_view cookie_value(std::string_view field, std::string_view name) noexcept;

}  // namespace distd::http
