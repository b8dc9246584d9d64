// The listening sockets that systemd opened for this process (LISTEN_FDS): whose each of them is. Every one
// is used, or the start is refused: on one that nobody takes clients would wait for ever.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace distd {

inline constexpr std::string_view tls_socket_end = "-tls";

// By the name of a service: its socket. `given` are descriptors by their names (FileDescriptorName=): a
// service takes the one with its name, and the one with its name and "-tls" for TLS; the only service of a
// process takes the only socket, whatever its name. Throws settings_error, naming the descriptor, for one
// that nobody takes and for one that is no listening TCP socket.
[[nodiscard]] std::map<std::string, int> assign_sockets(const std::multimap<std::string, int>& given,
                                                        const std::vector<std::string>& services);

// Where it listens.
[[nodiscard]] boost::asio::ip::tcp::endpoint endpoint_of_socket(int descriptor);

}  // namespace distd
