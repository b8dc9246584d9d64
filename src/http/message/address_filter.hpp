// Which addresses may be connected to, when others tell us whom to call. Asked with the address itself, after
// any look-up: a name proves nothing, it may lead elsewhere the next time. Pure.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace distd::http {

class address_filter {
public:
    // What a rule may be:
    //   loopback    127.0.0.0/8 and ::1
    //   private     10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fc00::/7
    //   any         every address of one host: not 0.0.0.0/8, link-local, multicast or broadcast ones, nor
    //               where clouds hand out credentials
    //   A.B.C.D/N, X::Y/N, or one address: exactly these
    // An IPv4 address that is dressed as IPv6 (::ffff:A.B.C.D) counts as what it is. Nothing, and a sentence
    // in `error`, for anything else.
    [[nodiscard]] static std::optional<address_filter> parse(const std::vector<std::string>& rules,
                                                             std::string& error);

    // Where nobody has chosen: loopback, and private networks too where other machines are involved.
    [[nodiscard]] static const address_filter& usual(bool other_machines);

    [[nodiscard]] bool allows(const boost::asio::ip::address&) const;
    [[nodiscard]] std::string text() const;  // as it was written

private:
    enum class kind : std::uint8_t { loopback, private_ranges, any, network };
    struct rule {
        kind what;
        boost::asio::ip::address_v6 network;  // IPv4 as ::ffff:A.B.C.D
        unsigned prefix = 0;                  // of 128 bits
    };

    [[nodiscard]] static std::optional<rule> parse_one(const std::string& text, std::string& error);
    [[nodiscard]] static bool matches(const rule&, const boost::asio::ip::address_v6&);

    std::vector<rule> rules_;
    std::string text_;
};

}  // namespace distd::http
