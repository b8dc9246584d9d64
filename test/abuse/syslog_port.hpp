// Where a log service listens for syslog over TCP: it says so in its own log only.
#pragma once

#include <stdexcept>
#include <string>

#include "abuse/abuse.hpp"

namespace distd::test {

[[nodiscard]] inline std::uint16_t syslog_port(const victim& v) {
    const std::string address = R"("address":"127.0.0.1:)";
    std::string lines;
    wait_until("it listens for syslog", [&] {
        lines = exchange("GET", v.url("log") + "/log?q=syslog_listening").body;
        return lines.find(address) != lines.npos;
    });
    return static_cast<std::uint16_t>(std::stoi(lines.substr(lines.find(address) + address.size())));
}

}  // namespace distd::test
