// What every program of the system does with its arguments: --help, --version, --print-config,
// --check-config, exit codes, and the set-up of one process.
#pragma once

#include <distd/service.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/settings/options.hpp"
#include "sdk/process/exit_codes.hpp"
#include "sdk/process/host.hpp"
#include "sdk/process/service_addresses.hpp"

namespace distd {

struct command_line {
    std::string program;
    std::string usage;  // the first lines of --help
    std::vector<setting> table;
    std::function<std::vector<listener>(const settings&)> listeners;  // what the process is to serve
    std::vector<std::string> arguments;
};

// The settings in `out`, or the exit code with which the program ends here: something was asked for and
// printed, or something is wrong and was said on stderr.
[[nodiscard]] std::optional<int> take_command_line(const command_line& given, std::optional<settings>& out);

// Where each of the services is to be found. Throws settings_error.
[[nodiscard]] std::vector<host::place> places_of(const settings&, const std::vector<listener>&);

// Builds the loop, the log and the host, lets `fill` add services and runs until a signal stops it. Returns
// the exit code.
[[nodiscard]] int run_process(const settings&, const std::function<void(host&)>& fill);

}  // namespace distd
