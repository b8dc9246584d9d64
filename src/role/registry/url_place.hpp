// Where the ServiceURL of a registration leads, taken apart once for all who judge it: whether others may be
// sent there, and whether it is the registrant's own.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>

namespace distd::registry {

struct url_place {
    explicit url_place(const std::string& url);

    std::string host;  // lower case, an IPv6 address without its brackets; empty: nobody can call that URL
    std::optional<boost::asio::ip::address> address{};  // where the host is one, and no name
};

}  // namespace distd::registry
