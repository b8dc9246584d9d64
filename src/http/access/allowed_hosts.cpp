#include "http/access/allowed_hosts.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "http/message/request_head.hpp"

namespace distd::http {
namespace {

bool ends_with_ignoring_case(std::string_view text, std::string_view ending) noexcept {
    return text.size() >= ending.size() &&
           ascii::equal_ignoring_case(text.substr(text.size() - ending.size()), ending);
}

// In the form that browsers send, which is the only one that `inet_pton` takes.
bool is_address(std::string_view host) noexcept {
    const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (host.size() >= text.size()) return false;
    host.copy(text.data(), host.size());
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(is_bracketed ? AF_INET6 : AF_INET, text.data(), bytes.data()) == 1;
}

}  // namespace

std::string_view without_port(std::string_view host) noexcept {
    const auto colon = host.rfind(':');
    return colon != host.npos && host.find(']', colon) == host.npos ? host.substr(0, colon) : host;
}

allowed_hosts::allowed_hosts(std::vector<std::string> names) {
    for (auto& name : names) {
        if (name == "*")
            allows_all_ = true;
        else if (name.starts_with("*."))
            endings_.push_back(name.substr(1));
        else if (!name.empty())
            names_.push_back(std::move(name));
    }
}

bool allowed_hosts::allows(std::string_view host) const noexcept {
    if (allows_all_) return true;
    host = without_port(host);
    if (is_address(host)) return true;
    if (host.ends_with('.')) host.remove_suffix(1);  // the same name, written to its end
    if (ascii::equal_ignoring_case(host, "localhost") || ends_with_ignoring_case(host, ".localhost"))
        return true;
    const auto is_it = [host](const auto& name) { return ascii::equal_ignoring_case(host, name); };
    const auto is_below = [host](const auto& ending) { return ends_with_ignoring_case(host, ending); };
    return std::ranges::any_of(names_, is_it) || std::ranges::any_of(endings_, is_below);
}

std::string allowed_hosts::fault_in(std::string_view name) {
    const auto rest = name.starts_with("*.") ? name.substr(2) : name;
    if (name == "*" || (is_valid_host(rest) && rest.find_first_of(":*[") == rest.npos)) return {};
    return "expected a host name without a port, such as distd.example.org, *.example.org or *";
}

}  // namespace distd::http
