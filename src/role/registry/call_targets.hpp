// Whom a registration may make us call, and others who read of it. Its addresses are judged twice: as far as
// they can be when it comes in, so that its sender gets the reason, and again each time that a connection is
// made, whatever a name has come to mean by then.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/message/address_filter.hpp"
#include "role/registry/url_place.hpp"
#include "wire/registration.hpp"

namespace distd::registry {

inline constexpr const char* allow_setting = "registry-allow";

class call_targets {
public:
    // Without `chosen`: loopback addresses, and private ones too while `is_exposed` (other machines reach us,
    // so services on them may register).
    call_targets(std::optional<http::address_filter> chosen, std::function<bool()> is_exposed);

    [[nodiscard]] bool may_call(const boost::asio::ip::address&) const;

    // Empty, or a sentence that says which field, what is wrong with it and what would be right. A name that
    // stands for no address today is no reason: its service may come up later.
    [[nodiscard]] std::string problem_with(const registration&, const url_place& of_its_url) const;

private:
    [[nodiscard]] const http::address_filter& filter() const;
    [[nodiscard]] std::string problem_with_url(const std::string& url, std::string_view field) const;
    [[nodiscard]] std::string problem_with_address(const boost::asio::ip::address&,
                                                   std::string_view field) const;

    std::optional<http::address_filter> chosen_;
    std::function<bool()> is_exposed_;
};

}  // namespace distd::registry
