// Where a service of a process listens, without TLS and, where that is wished, with it: found before anything
// is open, then opened.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/settings/options.hpp"

namespace distd {

namespace http {
class server;
class tls_server;
}  // namespace http

struct listening_socket {
    boost::asio::ip::tcp::endpoint at;
    std::optional<int> inherited{};  // it is open already
};

struct listening_place {
    std::string label;  // of the service
    listening_socket plain;
    std::optional<listening_socket> tls{};

    [[nodiscard]] bool is_for_this_machine_only() const;
};

// `sockets`: as of assign_sockets; one of them comes before an address. Asks for the address of a name, which
// may block. Throws what says why there is none.
[[nodiscard]] listening_place find_listening_place(const std::string& label, const host_port& plain,
                                                   const std::optional<host_port>& tls,
                                                   const std::map<std::string, int>& sockets);

// Null: without TLS. Throws what says why it cannot be opened, and for a port in use by whom.
void open_socket(http::server&, const std::string& label, const listening_socket&,
                 std::shared_ptr<const http::tls_server>);

// The host by which others reach who listens there: the machine's name for all of its addresses.
[[nodiscard]] std::string host_of(const boost::asio::ip::tcp::endpoint&);
[[nodiscard]] std::string url_of(const boost::asio::ip::tcp::endpoint&, const char* scheme = "http://");

}  // namespace distd
