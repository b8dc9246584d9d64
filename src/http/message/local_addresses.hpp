// Whether two URLs lead to the same place, also where they call this machine by different names: loopback has
// many, and each network interface another. Names that others gave us are not looked up.
//
// The kernel lists the interfaces over netlink, which a sandbox may forbid. There each address is tried out
// instead: what must not be reached under another of its names must not be reachable because of a sandbox.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "http/message/url.hpp"

namespace distd::http {

class local_addresses {
public:
    // The addresses of the interfaces as they are now (they come and go); nullopt: they cannot be listed.
    [[nodiscard]] static std::optional<std::set<boost::asio::ip::address>> of_interfaces();
    explicit local_addresses(std::optional<std::set<boost::asio::ip::address>> interfaces = of_interfaces());

    // The same for URLs that lead to the same port of the same host.
    [[nodiscard]] std::string place_of(const url&) const;
    [[nodiscard]] std::string place_of(const boost::asio::ip::tcp::endpoint&) const;
    // The same for hosts, as URLs name them, that are the same machine.
    [[nodiscard]] std::string host_of(std::string_view host) const;
    // As a URL names it, without a look-up.
    [[nodiscard]] bool is_own_host(std::string_view host) const;
    // One of loopback, or of its interfaces.
    [[nodiscard]] bool is_own(const boost::asio::ip::address&) const;

private:
    [[nodiscard]] bool is_own(std::string_view name) const;
    [[nodiscard]] std::string host_of(const boost::asio::ip::address&) const;

    std::optional<std::set<boost::asio::ip::address>> interfaces_;  // IPv4 as such, without zones
    std::string name_;
};

}  // namespace distd::http
