// An IP address as people write it. Asio's own `make_address` tries IPv6 first, whatever the text looks like,
// and copies the text for the system's parser; registrations are judged by up to four addresses each.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace distd {

// Four numbers with dots between them, none with a zero in front: what the system's inet_pton takes.
[[nodiscard]] inline std::optional<boost::asio::ip::address_v4> parse_ipv4(std::string_view text) noexcept {
    constexpr unsigned max_part = 255;
    boost::asio::ip::address_v4::uint_type address = 0;
    unsigned part = 0;
    int digits = 0;
    int dots = 0;
    for (const char c : text) {
        if (const auto digit = static_cast<unsigned char>(c - '0'); digit <= 9) {
            if (digits++ > 0 && part == 0) return std::nullopt;
            part = part * 10 + digit;
            if (part > max_part) return std::nullopt;
        } else {
            if (c != '.' || digits == 0 || ++dots > 3) return std::nullopt;
            address = address << 8 | part;
            part = 0;
            digits = 0;
        }
    }
    if (digits == 0 || dots != 3) return std::nullopt;
    return boost::asio::ip::address_v4(address << 8 | part);
}

[[nodiscard]] inline std::optional<boost::asio::ip::address> parse_ip_address(std::string_view text) {
    namespace ip = boost::asio::ip;
    if (text.find(':') == text.npos) return parse_ipv4(text);
    boost::system::error_code ec;
    const auto address = ip::make_address(text, ec);
    return ec ? std::nullopt : std::optional(address);
}

}  // namespace distd
