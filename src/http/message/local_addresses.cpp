#include "http/message/local_addresses.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstring>
#include <memory>
#include <utility>

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

// The kernel sends to an address of this machine from that very address. To connect a UDP socket sends
// nothing and needs neither rights nor netlink. Who has no socket for this has none to connect there, either.
bool is_sent_to_from_itself(const ip::address& address) {
    constexpr std::uint16_t no_matter_which = 9;
    const ip::udp::endpoint to(address, no_matter_which);
    const int probe = ::socket(to.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return false;
    ip::udp::endpoint from;
    auto size = static_cast<socklen_t>(from.capacity());
    const bool is_known = ::connect(probe, to.data(), static_cast<socklen_t>(to.size())) == 0 &&
                          ::getsockname(probe, from.data(), &size) == 0;
    ::close(probe);
    return is_known && plain(from.address()) == plain(address);
}

}  // namespace

std::optional<std::set<ip::address>> local_addresses::of_interfaces() {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return std::nullopt;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
    std::set<ip::address> found;
    for (const auto* i = first; i; i = i->ifa_next)
        if (const auto address = address_of(i->ifa_addr)) found.insert(*address);
    return found;
}

local_addresses::local_addresses(std::optional<std::set<ip::address>> interfaces)
    : interfaces_(std::move(interfaces)) {
    boost::system::error_code unknown;
    name_ = ip::host_name(unknown);
}

bool local_addresses::is_own(const ip::address& a) const {
    const auto address = plain(a);
    if (address.is_loopback() || address.is_unspecified()) return true;
    return interfaces_ ? interfaces_->contains(address) : is_sent_to_from_itself(a);
}

bool local_addresses::is_own(std::string_view name) const {
    return is_localhost(name) || equal_ignoring_case(name, name_);
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
