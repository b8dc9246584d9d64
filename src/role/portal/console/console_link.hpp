// Where the console shows a request, for the error pages of the portal. At the address that the operator set,
// for everybody; without one at the console that runs on this machine, for whoever sits at it: nobody else is
// told where that is.
#pragma once

#include <distd/http.hpp>
#include <distd/settings.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "http/server/exchange.hpp"

namespace distd::portal {

// What an error page says of the request that it answers.
struct request_reference {
    std::string id{};
    std::string console_href{};  // empty: there is no link
};

class console_link {
public:
    using address_function = std::function<std::string()>;

    // `set_by_operator`: a URL, or empty. `on_this_machine`: the URL of the console there; empty: none is
    // known.
    console_link(std::string set_by_operator, address_function on_this_machine)
        : set_by_operator_(std::move(set_by_operator)), on_this_machine_(std::move(on_this_machine)) {}

    [[nodiscard]] request_reference of(const http::exchange&) const;
    [[nodiscard]] request_reference of(const http::request&) const;

private:
    [[nodiscard]] request_reference make(std::string_view id, bool is_on_this_machine) const;

    std::string set_by_operator_;
    address_function on_this_machine_;
};

// The setting with that address; throws settings_error.
[[nodiscard]] setting console_url_setting();
[[nodiscard]] std::string console_url_in(const settings&);

}  // namespace distd::portal
