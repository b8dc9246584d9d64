#include "http/access/own_names.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/ip_address.hpp"
#include "base/parse_number.hpp"
#include "http/message/request_head.hpp"

namespace distd::http {
namespace {

namespace ip = boost::asio::ip;

bool ends_with_ignoring_case(std::string_view text, std::string_view ending) noexcept {
    return text.size() >= ending.size() &&
           ascii::equal_ignoring_case(text.substr(text.size() - ending.size()), ending);
}

// The same name, written to its end.
std::string_view without_dot(std::string_view host) noexcept {
    if (host.ends_with('.')) host.remove_suffix(1);
    return host;
}

// In the form that browsers send, which is the only one that `inet_pton` and `parse_ipv4` take.
bool is_address(std::string_view host) noexcept {
    if (!host.starts_with('[') || !host.ends_with(']')) return parse_ipv4(host).has_value();
    host = host.substr(1, host.size() - 2);
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (host.size() >= text.size()) return false;
    host.copy(text.data(), host.size());
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(AF_INET6, text.data(), bytes.data()) == 1;
}

// The host in lower case and without brackets, and the port.
std::pair<std::string, std::uint16_t> split_authority(std::string_view authority) {
    auto host = without_port(authority);
    std::uint16_t port = 80;
    if (host.size() < authority.size()) {
        port = parse_number<std::uint16_t>(authority.substr(host.size() + 1)).value_or(0);  // 0: nobody's
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return {ascii::lowered(std::string(without_dot(host))), port};
}

ip::address without_mapping(const ip::address& a) {
    if (!a.is_v6() || !a.to_v6().is_v4_mapped()) return a;
    return ip::make_address_v4(ip::v4_mapped, a.to_v6());
}

}  // namespace

std::string_view without_port(std::string_view host) noexcept {
    const auto colon = host.rfind(':');
    return colon != host.npos && host.find(']', colon) == host.npos ? host.substr(0, colon) : host;
}

own_names own_names::any() {
    own_names all;
    all.answers_all_ = true;
    return all;
}

void own_names::add_host(std::string_view name) {
    if (name == "*")
        answers_all_ = true;
    else if (name.starts_with("*."))
        endings_.emplace_back(name.substr(1));
    else if (!name.empty())
        names_.push_back({ascii::lowered(std::string(without_dot(name)))});
}

void own_names::add_alias(std::string_view name) {
    if (!name.empty()) names_.push_back({ascii::lowered(std::string(name)), true});
}

void own_names::add_authority(std::string_view authority) {
    authorities_.push_back(split_authority(authority));
}

bool own_names::answers(std::string_view host) const noexcept {
    if (answers_all_) return true;
    host = without_port(host);
    if (is_address(host)) return true;
    host = without_dot(host);
    if (is_localhost(host)) return true;
    const auto is_it = [host](const auto& n) { return ascii::equal_ignoring_case(host, n.text); };
    const auto is_below = [host](const auto& ending) { return ends_with_ignoring_case(host, ending); };
    return std::ranges::any_of(names_, is_it) || std::ranges::any_of(endings_, is_below);
}

bool own_names::is_called(std::string_view authority, const ip::tcp::endpoint& called) const {
    const auto meant = split_authority(authority);
    if (std::ranges::find(authorities_, meant) != authorities_.end()) return true;
    const auto& [host, port] = meant;
    const bool is_https_port = called.port() == 443 && without_port(authority).size() == authority.size();
    if (port != called.port() && !is_https_port) return false;
    const auto here = without_mapping(called.address());
    if (const auto literal = parse_ip_address(host)) return without_mapping(*literal) == here;
    if (is_localhost(host) && here.is_loopback()) return true;
    return std::ranges::any_of(names_, [&](const auto& n) { return !n.is_alias && n.text == host; });
}

std::string own_names::fault_in(std::string_view name) {
    const auto rest = name.starts_with("*.") ? name.substr(2) : name;
    if (name == "*" || (is_valid_host(rest) && rest.find_first_of(":*[") == rest.npos)) return {};
    return "expected a host name without a port, such as distd.example.org, *.example.org or *";
}

}  // namespace distd::http
