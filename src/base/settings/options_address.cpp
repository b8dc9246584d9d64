// Addresses as users write them: HOST:PORT in all its shortened forms, and base URLs.
#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <string_view>

#include "base/ascii.hpp"
#include "base/ip_address.hpp"
#include "base/parse_number.hpp"
#include "base/settings/options.hpp"

namespace distd {
namespace {

using ascii::is_digit;

bool is_one_of(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

int parse_port(std::string_view text) {
    const auto port = parse_number<std::uint16_t>(text);
    if (!port) throw settings_error("the port must be a number from 0 to 65535");
    return *port;
}

void check_v6(const std::string& host) {
    boost::system::error_code ec;
    boost::asio::ip::make_address_v6(host, ec);
    if (ec) throw settings_error("there is no valid IPv6 address in the brackets");
}

// Names and IPv4. Digits and dots must be an IPv4 address in full: resolvers read "127.1" in surprising ways.
void check_name_or_v4(const std::string& host) {
    if (host == "*") throw settings_error("'*' is no host; 0.0.0.0 stands for every address of this machine");
    const auto numeric = [](char c) { return is_digit(c) || c == '.'; };
    if (std::all_of(host.begin(), host.end(), is_digit)) {
        throw settings_error("a number alone is no host; a port is written :" + host.substr(0, 5));
    }
    if (std::all_of(host.begin(), host.end(), numeric)) {
        boost::system::error_code ec;
        boost::asio::ip::make_address_v4(host, ec);
        if (ec) throw settings_error("an IPv4 address is four numbers from 0 to 255, such as 127.0.0.1");
        return;
    }
    const auto allowed = [](char c) { return ascii::is_alnum(c) || is_one_of("-._", c); };
    const bool edges = host.front() != '-' && host.front() != '.' && host.find("..") == std::string::npos;
    if (host.size() > 253 || !edges || !std::all_of(host.begin(), host.end(), allowed)) {
        throw settings_error("a host is a name of letters, digits, '-' and '.', or an IP address");
    }
}

host_port parse_bracketed(const std::string& text) {
    const auto end = text.find(']');
    if (end == std::string::npos) throw settings_error("the bracket is not closed; write [::1]:3000");
    host_port out{text.substr(1, end - 1), -1};
    check_v6(out.host);
    const std::string rest = text.substr(end + 1);
    if (rest.empty()) return out;
    if (rest.front() != ':') throw settings_error("after the bracket only a port may follow: [::1]:3000");
    out.port = parse_port(std::string_view(rest).substr(1));
    return out;
}

}  // namespace

host_port parse_host_port(const std::string& text) {
    if (text.empty()) throw settings_error("an address is HOST:PORT, HOST or :PORT");
    if (text.front() == '[') return parse_bracketed(text);
    const auto colon = text.find(':');
    if (colon != text.rfind(':')) throw settings_error("an IPv6 address stands in brackets: [::1]:3000");
    host_port out{text.substr(0, colon), -1};
    if (!out.host.empty()) check_name_or_v4(out.host);
    if (colon != std::string::npos) out.port = parse_port(std::string_view(text).substr(colon + 1));
    return out;
}

std::string to_string(const host_port& address) {
    const auto host = host_in_url(address.host);
    return address.port < 0 ? host : host + ":" + std::to_string(address.port);
}

std::string parse_url(const std::string& text) {
    const bool is_short = text.find("://") == text.npos;
    std::string out = is_short ? "http://" + text : text;
    const auto scheme_end = std::min(out.find("://"), out.size());
    std::transform(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(scheme_end), out.begin(),
                   ascii::lower);
    if (!out.starts_with("http://") && !out.starts_with("https://")) {
        throw settings_error("must start with http:// or https://, such as http://127.0.0.1:3000");
    }
    const auto host_begin = scheme_end + 3;
    const auto host_end = std::min(out.find_first_of("/?#", host_begin), out.size());
    const std::string authority = out.substr(host_begin, host_end - host_begin);
    if (authority.find('@') != std::string::npos) {
        throw settings_error("credentials do not belong into an address; take the part before '@' out");
    }
    const auto where = authority.empty() ? host_port() : parse_host_port(authority);
    if (where.host.empty()) throw settings_error("the host is missing; write HOST:PORT or http://HOST:PORT");
    // A host alone is more likely a port that was forgotten than one that is meant to be 80.
    if (is_short && where.port < 0) {
        throw settings_error("the port is missing; write HOST:PORT, or http://HOST for port 80");
    }
    const auto outside = [](char c) { return c <= ' ' || c == 0x7f || is_one_of("?#\"<>\\^`{|}", c); };
    if (std::any_of(out.begin(), out.end(), outside)) {
        throw settings_error("only a host, a port and a path may stand here: no query, fragment or space");
    }
    // A shorter address would still be a valid one: the host is not empty and holds no slash.
    while (out.back() == '/') out.pop_back();
    return out;
}

}  // namespace distd
