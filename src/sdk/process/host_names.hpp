// The names that the services of a process are called by, for requests that browsers send: see
// http/access/allowed_hosts.
#pragma once

#include <string>
#include <vector>

#include "base/settings/options.hpp"
#include "http/access/allowed_hosts.hpp"

namespace distd {

[[nodiscard]] setting host_names_row();

// Those of the setting, the machine's own name and the hosts of `urls` that lead here. Throws settings_error
// for what is no name.
[[nodiscard]] http::allowed_hosts own_host_names(const settings& given, const std::vector<std::string>& urls);

}  // namespace distd
