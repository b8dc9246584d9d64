// An IP address as people write it. Asio's own `make_address` tries IPv6 first, whatever the text looks like.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace distd {

[[nodiscard]] inline std::optional<boost::asio::ip::address> parse_ip_address(std::string_view text) {
    namespace ip = boost::asio::ip;
    boost::system::error_code ec;
    const bool is_v6 = text.find(':') != text.npos;
    const auto address = is_v6 ? ip::make_address(text, ec) : ip::address(ip::make_address_v4(text, ec));
    return ec ? std::nullopt : std::optional(address);
}

}  // namespace distd
