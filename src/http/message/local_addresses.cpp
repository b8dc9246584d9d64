#include "http/message/local_addresses.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <boost/asio/ip/host_name.hpp>
#include <cstring>
#include <memory>
#include <optional>

#include "base/ip_address.hpp"
#include "http/message/request_head.hpp"

namespace distd::http {
namespace {

namespace ip = boost::asio::ip;

const std::string this_machine = "localhost";

std::optional<ip::address> address_of(const sockaddr* at) {
    if (at && at->sa_family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, at, sizeof v4);
        return ip::address_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (at && at->sa_family == AF_INET6) {
        sockaddr_in6 v6;
        std::memcpy(&v6, at, sizeof v6);
        ip::address_v6::bytes_type bytes;
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return ip::address_v6(bytes);
    }
    return std::nullopt;
}

// Without a zone, and an IPv4 address as such.
ip::address plain(const ip::address& address) {
    if (address.is_v4()) return address;
    auto v6 = address.to_v6();
    v6.scope_id(0);
    return v6.is_v4_mapped() ? ip::address(ip::make_address_v4(ip::v4_mapped, v6)) : ip::address(v6);
}

}  // namespace

local_addresses::local_addresses() {
    boost::system::error_code unknown;
    name_ = ip::host_name(unknown);
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
    for (const auto* i = first; i; i = i->ifa_next)
        if (const auto address = address_of(i->ifa_addr)) addresses_.insert(*address);
}

bool local_addresses::is_own(const ip::address& a) const {
    const auto address = plain(a);
    return address.is_loopback() || address.is_unspecified() || addresses_.contains(address);
}

bool local_addresses::is_own(std::string_view name) const {
    return name == "localhost" || name.ends_with(".localhost") || equal_ignoring_case(name, name_);
}

std::string local_addresses::host_of(const ip::address& address) const {
    return is_own(address) ? this_machine : plain(address).to_string();
}

std::string local_addresses::place_of(const ip::tcp::endpoint& where) const {
    return host_of(where.address()) + ' ' + std::to_string(where.port());
}

std::string local_addresses::host_of(std::string_view host) const {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (const auto address = parse_ip_address(host)) return host_of(*address);
    return is_own(host) ? this_machine : std::string(host);
}

bool local_addresses::is_own_host(std::string_view host) const { return host_of(host) == this_machine; }

std::string local_addresses::place_of(const url& where) const {
    return host_of(where.host) + ' ' + std::to_string(where.port);
}

}  // namespace distd::http
