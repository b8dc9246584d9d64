#include "http/message/address_filter.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/parse_number.hpp"

namespace distd::http {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

constexpr unsigned v4_bits = 32;
constexpr unsigned v6_bits = 128;
constexpr unsigned v4_in_v6 = v6_bits - v4_bits;  // where an IPv4 address begins in ::ffff:A.B.C.D

// One form for all, so that no address has two.
address_v6 unified(const address& a) {
    if (a.is_v4()) return make_address_v6(boost::asio::ip::v4_mapped, a.to_v4());
    return address_v6(a.to_v6().to_bytes());  // without its zone
}

address_v6 network_of(const char* text) { return unified(boost::asio::ip::make_address(text)); }

bool is_within(const address_v6& a, const address_v6& network, unsigned prefix) {
    const auto x = a.to_bytes();
    const auto y = network.to_bytes();
    const auto whole = prefix / 8;
    if (!std::equal(x.begin(), x.begin() + whole, y.begin())) return false;
    const auto rest = prefix % 8;
    return rest == 0 || ((x[whole] ^ y[whole]) >> (8 - rest)) == 0;
}

struct named_network {
    named_network(const char* text, unsigned prefix_bits) : network(network_of(text)), prefix(prefix_bits) {
        if (network.is_v4_mapped()) prefix += v4_in_v6;
    }
    address_v6 network;
    unsigned prefix;
};

bool is_in_any(const address_v6& a, const std::vector<named_network>& networks) {
    return std::ranges::any_of(networks, [&](const auto& n) { return is_within(a, n.network, n.prefix); });
}

bool is_loopback(const address_v6& a) {
    static const std::vector<named_network> networks{{"127.0.0.0", 8}, {"::1", v6_bits}};
    return is_in_any(a, networks);
}

bool is_private(const address_v6& a) {
    static const std::vector<named_network> networks{
        {"10.0.0.0", 8}, {"172.16.0.0", 12}, {"192.168.0.0", 16}, {"fc00::", 7}};
    return is_in_any(a, networks);
}

// The IPv4 addresses that a gateway could make of it, which stand where its prefix ends: 6to4, and NAT64,
// whose prefix for networks of one's own may be used whole or with zeros behind it (RFC 6052, where byte 8 is
// none of the address).
std::vector<address_v6> translated(const address_v6& a) {
    static const std::vector<named_network> six_to_four{{"2002::", 16}};
    static const std::vector<named_network> nat64{{"64:ff9b::", 96}};
    static const std::vector<named_network> own_nat64{{"64:ff9b:1::", 48}};
    const auto b = a.to_bytes();
    const auto last = unified(address_v4({b[12], b[13], b[14], b[15]}));
    if (is_in_any(a, six_to_four)) return {unified(address_v4({b[2], b[3], b[4], b[5]}))};
    if (is_in_any(a, nat64)) return {last};
    if (is_in_any(a, own_nat64)) return {last, unified(address_v4({b[6], b[7], b[9], b[10]}))};
    return {};
}

// Where clouds hand out credentials to whoever can reach it, but for 169.254.0.0/16 and fe80::/10: Amazon's
// by IPv6, for machines and for pods, Google's and Scaleway's by IPv6, Alibaba's, Oracle's, Azure's.
bool is_metadata(const address_v6& a) {
    static const std::vector<named_network> networks{
        {"fd00:ec2::254", v6_bits}, {"fd00:ec2::23", v6_bits}, {"fd20:ce::254", v6_bits},
        {"fd00:42::42", v6_bits},   {"100.100.100.200", 32},   {"192.0.0.192", 32},
        {"168.63.129.16", 32},
    };
    return is_in_any(a, networks);
}

// No single host of ours answers there, or one that trusts whoever can reach it. Connecting to 0.0.0.0 and ::
// reaches this machine itself.
bool is_special(const address_v6& a) {
    static const std::vector<named_network> networks{
        {"0.0.0.0", 8},   {"::", v6_bits}, {"169.254.0.0", 16}, {"fe80::", 10},
        {"224.0.0.0", 4}, {"ff00::", 8},   {"240.0.0.0", 4},
    };
    const auto is_one = [](const address_v6& x) { return is_in_any(x, networks) || is_metadata(x); };
    return is_one(a) || std::ranges::any_of(translated(a), is_one);
}

}  // namespace

std::optional<address_filter> address_filter::parse(const std::vector<std::string>& rules,
                                                    std::string& error) {
    address_filter out;
    for (const auto& text : rules) {
        const auto one = parse_one(text, error);
        if (!one) return std::nullopt;
        out.rules_.push_back(*one);
        out.text_ += (out.text_.empty() ? "" : ",") + text;
    }
    return out;
}

const address_filter& address_filter::usual(bool other_machines) {
    const auto made_of = [](const std::vector<std::string>& rules) {
        std::string error;
        auto made = parse(rules, error);
        DISTD_ASSERT(made);
        return std::move(*made);
    };
    static const auto near = made_of({"loopback"});
    static const auto network = made_of({"loopback", "private"});
    return other_machines ? network : near;
}

std::optional<address_filter::rule> address_filter::parse_one(const std::string& text, std::string& error) {
    if (text == "loopback") return rule{kind::loopback, {}, 0};
    if (text == "private") return rule{kind::private_ranges, {}, 0};
    if (text == "any") return rule{kind::any, {}, 0};
    const auto fail = [&](const char* what) {
        error = "'" + text + "' " + what;
        return std::nullopt;
    };
    const auto slash = std::min(text.find('/'), text.size());
    boost::system::error_code ec;
    const auto network = boost::asio::ip::make_address(text.substr(0, slash), ec);
    if (ec || text.find('%') != std::string::npos)
        return fail("is none of loopback, private and any, and no network such as 10.1.0.0/16 or fd00::/8");
    const auto max = network.is_v4() ? v4_bits : v6_bits;
    auto prefix = max;
    if (slash < text.size()) {
        const auto bits = parse_number<decltype(prefix)>(std::string_view(text).substr(slash + 1));
        if (!bits || *bits > max)
            return fail("has a wrong length behind the slash; it is a number of bits, as in 10.1.0.0/16");
        prefix = *bits;
        if (prefix == 0)
            return fail(
                "would let every address through; any says so, and leaves out those "
                "that are never meant");
    }
    return rule{kind::network, unified(network), prefix + (network.is_v4() ? v4_in_v6 : 0)};
}

bool address_filter::allows(const address& a) const {
    const auto one = unified(a);
    return std::ranges::any_of(rules_, [&](const rule& r) { return matches(r, one); });
}

bool address_filter::matches(const rule& r, const address_v6& a) {
    switch (r.what) {
        case kind::loopback: return is_loopback(a);
        case kind::private_ranges: return is_private(a) && !is_special(a);
        case kind::any: return !is_special(a);
        case kind::network: return is_within(a, r.network, r.prefix);
    }
    return false;
}

std::string address_filter::text() const { return text_; }

}  // namespace distd::http
