#include "http/access/own_authorities.hpp"

#include <charconv>
#include <utility>

#include "base/ascii.hpp"

namespace distd::http {
namespace {

namespace ip = boost::asio::ip;

struct place {
    std::string host;  // lower case, without brackets
    std::uint16_t port = 80;
};

place place_of(std::string_view authority) {
    place p;
    const auto colon = authority.rfind(':');
    const bool has_port = colon != authority.npos && authority.find(']', colon) == authority.npos;
    if (has_port) {
        const auto digits = authority.substr(colon + 1);
        const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), p.port);
        if (ec != std::errc() || end != digits.data() + digits.size()) p.port = 0;  // nobody's
        authority = authority.substr(0, colon);
    }
    if (authority.starts_with('[') && authority.ends_with(']'))
        authority = authority.substr(1, authority.size() - 2);
    if (authority.ends_with('.')) authority.remove_suffix(1);
    p.host = ascii::lowered(std::string(authority));
    return p;
}

std::string text_of(const place& p) { return p.host + ' ' + std::to_string(p.port); }

ip::address plain(const ip::address& a) {
    if (!a.is_v6() || !a.to_v6().is_v4_mapped()) return a;
    return ip::make_address_v4(ip::v4_mapped, a.to_v6());
}

}  // namespace

void own_authorities::add_authority(std::string_view authority) {
    authorities_.insert(text_of(place_of(authority)));
}

void own_authorities::add_host(std::string host) { hosts_.insert(place_of(host).host); }

bool own_authorities::includes(std::string_view authority, const ip::tcp::endpoint& called) const {
    const auto meant = place_of(authority);
    if (authorities_.contains(text_of(meant))) return true;
    if (meant.port != called.port()) return false;
    const auto here = plain(called.address());
    boost::system::error_code is_name;
    const auto literal = ip::make_address(meant.host, is_name);
    if (!is_name) return plain(literal) == here;
    const bool is_local = meant.host == "localhost" || meant.host.ends_with(".localhost");
    return (is_local && here.is_loopback()) || hosts_.contains(meant.host);
}

}  // namespace distd::http
