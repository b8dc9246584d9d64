// An IP address as people write it. Asio's own `make_address` tries IPv6 first, whatever the text looks like,
// and copies the text for the system's parser; registrations are judged by up to four addresses each.
#pragma once

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.hpp"

namespace distd {

// Four numbers with dots between them, none with a zero in front: what the system's inet_pton takes.
[[nodiscard]] inline std::optional<boost::asio::ip::address_v4> parse_ipv4(std::string_view text) noexcept {
    constexpr unsigned max_part = 255;
    constexpr std::ptrdiff_t max_digits = 3;
    boost::asio::ip::address_v4::uint_type address = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    for (int parts = 1;; ++parts) {
        const char* const begin = at;
        unsigned part = 0;
        for (; at != end && at - begin < max_digits; ++at) {
            const auto digit = static_cast<unsigned char>(*at - '0');
            if (digit > 9) break;
            part = part * 10 + digit;
        }
        if (at == begin || part > max_part || (at - begin > 1 && *begin == '0')) return std::nullopt;
        address = address << 8 | part;
        if (parts == 4) break;
        if (at == end || *at++ != '.') return std::nullopt;
    }
    if (at != end) return std::nullopt;
    return boost::asio::ip::address_v4(address);
}

[[nodiscard]] inline std::optional<boost::asio::ip::address> parse_ip_address(std::string_view text) {
    namespace ip = boost::asio::ip;
    if (text.find(':') == text.npos) return parse_ipv4(text);
    boost::system::error_code ec;
    const auto address = ip::make_address(text, ec);
    return ec ? std::nullopt : std::optional(address);
}

// A name of this machine's loopback, whatever a name server says of it (RFC 6761): localhost and all below
// it.
[[nodiscard]] inline bool is_localhost(std::string_view name) noexcept {
    constexpr std::string_view word = "localhost";
    if (name.ends_with('.')) name.remove_suffix(1);
    const auto front = name.size() - std::min(name.size(), word.size());
    return ascii::equal_ignoring_case(name.substr(front), word) && (front == 0 || name[front - 1] == '.');
}

// As it stands in a URL: an IPv6 address has brackets.
[[nodiscard]] inline std::string host_in_url(const std::string& host) {
    return host.find(':') == host.npos ? host : "[" + host + "]";
}

}  // namespace distd
