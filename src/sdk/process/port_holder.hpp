// Who listens at a port of this machine already: for the message of a start that finds it taken.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace distd {

struct port_holder {
    int pid = 0;
    std::string name;  // of its program
};

// Nothing where /proc does not tell: another user's process, for instance.
[[nodiscard]] std::optional<port_holder> find_port_holder(std::uint16_t port);

// The inodes of sockets that listen at that port, of the text of /proc/net/tcp or tcp6. Pure.
[[nodiscard]] std::set<std::string> listening_inodes(std::string_view table, std::uint16_t port);

// "process 4711 (distd) listens there", or that somebody does; and which flag chooses another port.
[[nodiscard]] std::string taken_port_words(const std::string& role, const std::string& host,
                                           std::uint16_t port);

}  // namespace distd
