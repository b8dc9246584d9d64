// Who may look and who may change something. Without access tokens everybody who reaches the port may; with
// them a browser signs in with a token, or with a link that the start or `distd open` printed, and gets a
// cookie. A change needs more: that the browser says a page of ours asks for it, and the CSRF token that only
// our forms hold.
#pragma once

#include <distd/service.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "http/message/cookie.hpp"
#include "role/console/access/sessions.hpp"

namespace distd::ops::console {

class page_access {
public:
    static constexpr std::string_view session_cookie = "distd_console";
    static constexpr std::string_view name_cookie = "distd_console_name";
    static_assert(session_cookie.starts_with(http::own_cookie_prefix) &&
                  name_cookie.starts_with(http::own_cookie_prefix));

    explicit page_access(service&);

    [[nodiscard]] bool asks_for_tokens() const;
    [[nodiscard]] bool admits(const http::request&);
    // What forms that change something carry in the field `form`, against cross-site request forgery. One for
    // this process, not for each visitor as the portal's: no page shows it to those who are not admitted.
    [[nodiscard]] const std::string& csrf_token() const noexcept { return csrf_token_; }
    // Why this may not change anything, in words; empty: it may.
    [[nodiscard]] std::string csrf_fault(const http::request&) const;
    // The visitor's name: as given at the sign-in, or with a change before; may be empty.
    [[nodiscard]] std::string name_of(const http::request&);
    // Who changes something: the name that the form gives, or that name, or the address.
    [[nodiscard]] std::string actor(const http::request&);
    // The value of a Set-Cookie header that remembers the name that a form gives.
    [[nodiscard]] static std::string remember_name(const std::string&);

    // The value of a Set-Cookie header for a browser that shows an access token; nullopt: it is none.
    [[nodiscard]] std::optional<std::string> sign_in(const std::string& token, std::string name);
    [[nodiscard]] std::optional<std::string> sign_in_by_link(std::string_view secret);
    // The path of a link that signs in once, until it is that old, whoever has that name ("": does not say).
    [[nodiscard]] std::string make_link(std::string name, milliseconds age);

private:
    [[nodiscard]] bool is_token(std::string_view authorization) const;
    [[nodiscard]] std::string begin_session(std::string name);

    service& service_;
    sessions sessions_;
    std::string csrf_token_;
};

}  // namespace distd::ops::console
