#include "sdk/process/listening_place.hpp"

#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/ip_address.hpp"
#include "http/server/server.hpp"
#include "sdk/process/inherited_sockets.hpp"
#include "sdk/process/port_holder.hpp"

namespace distd {
namespace {

using tcp = boost::asio::ip::tcp;

tcp::endpoint endpoint_of(const host_port& address) {
    const auto port = static_cast<unsigned short>(std::max(address.port, 0));
    const auto& name = address.host;
    if (name.empty() || name == "localhost") return {boost::asio::ip::address_v4::loopback(), port};
    boost::system::error_code ec;
    const auto numeric = boost::asio::ip::make_address(name, ec);
    if (!ec) return {numeric, port};
    addrinfo* found = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, nullptr, &found) != 0 || !found)
        throw std::runtime_error("--listen: " + name + " is not an address of this machine");
    tcp::endpoint result;
    std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
                reinterpret_cast<char*>(result.data()));
    ::freeaddrinfo(found);
    result.port(port);
    return result;
}

std::string own_host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace

bool listening_place::is_for_this_machine_only() const {
    return plain.at.address().is_loopback() && (!tls || tls->at.address().is_loopback());
}

listening_place find_listening_place(const std::string& label, const host_port& plain,
                                     const std::optional<host_port>& tls,
                                     const std::map<std::string, int>& sockets) {
    const auto inherited = [&](const std::string& name) -> std::optional<listening_socket> {
        const auto given = sockets.find(name);
        if (given == sockets.end()) return std::nullopt;
        return listening_socket{endpoint_of_socket(given->second), given->second};
    };
    listening_place place{label, {}};
    const auto own = inherited(label);
    place.plain = own ? *own : listening_socket{endpoint_of(plain)};
    place.tls = inherited(label + std::string(tls_socket_end));
    if (!place.tls && tls) place.tls = listening_socket{endpoint_of(*tls)};
    return place;
}

void open_socket(http::server& server, const std::string& label, const listening_socket& where,
                 std::shared_ptr<const http::tls_server> tls) {
    if (where.inherited) return server.adopt(*where.inherited, where.at, std::move(tls));
    try {
        server.listen(where.at, std::move(tls));
    } catch (const boost::system::system_error& e) {
        const auto host = where.at.address().to_string();
        auto words = "cannot listen on " + host + ":" + std::to_string(where.at.port()) + " for " + label +
                     ": " + e.code().message();
        if (e.code() == boost::asio::error::address_in_use)
            words += ": " + taken_port_words(label, host, where.at.port());
        throw std::runtime_error(words);
    }
}

std::string host_of(const tcp::endpoint& at) {
    return at.address().is_unspecified() ? own_host_name() : at.address().to_string();
}

std::string url_of(const tcp::endpoint& at, const char* scheme) {
    return scheme + host_in_url(host_of(at)) + ":" + std::to_string(at.port());
}

}  // namespace distd
