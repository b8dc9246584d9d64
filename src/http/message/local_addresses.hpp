// Whether two URLs lead to the same place, also where they call this machine by different names: loopback has
// many, and each network interface another. Names that others gave us are not looked up.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <set>
#include <string>
#include <string_view>

#include "http/message/url.hpp"

namespace distd::http {

class local_addresses {
public:
    local_addresses();  // as it is now: interfaces come and go

    // The same for URLs that lead to the same port of the same host.
    [[nodiscard]] std::string place_of(const url&) const;
    [[nodiscard]] std::string place_of(const boost::asio::ip::tcp::endpoint&) const;
    // The same for hosts, as URLs name them, that are the same machine.
    [[nodiscard]] std::string host_of(std::string_view host) const;
    // As a URL names it, without a look-up.
    [[nodiscard]] bool is_own_host(std::string_view host) const;
    // One of loopback, or of its interfaces.
    [[nodiscard]] bool is_own(const boost::asio::ip::address&) const;
    [[nodiscard]] const std::set<boost::asio::ip::address>& addresses() const noexcept { return addresses_; }

private:
    [[nodiscard]] bool is_own(std::string_view name) const;
    [[nodiscard]] std::string host_of(const boost::asio::ip::address&) const;

    std::set<boost::asio::ip::address> addresses_;  // IPv4 as such, without zones
    std::string name_;
};

}  // namespace distd::http
