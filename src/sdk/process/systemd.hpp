// systemd's protocols for services: readiness, watchdog, inherited sockets. Does nothing when systemd did not
// start the process.
#pragma once

#include <distd/time.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace distd::systemd {

void notify(std::string_view state);  // "READY=1", "STOPPING=1", "WATCHDOG=1"

// Half of the interval within which systemd expects WATCHDOG=1.
[[nodiscard]] std::optional<milliseconds> watchdog_interval();

// Listening sockets by name (FileDescriptorName=); sockets without a name are called by their unit.
[[nodiscard]] std::multimap<std::string, int> inherited_sockets();

// Where it puts LoadCredential='s files; empty: nowhere.
[[nodiscard]] std::string credentials_dir();

}  // namespace distd::systemd
