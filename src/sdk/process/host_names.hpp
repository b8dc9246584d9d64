// The names that the services of a process are called by: see http/access/own_names.
#pragma once

#include <string>
#include <vector>

#include "base/settings/options.hpp"
#include "http/access/own_names.hpp"

namespace distd {

[[nodiscard]] setting host_names_row();

// Those of the setting, the machine's own name and the hosts of `urls`, which lead to services of this
// process. `advertised`: the URL of the service in question; may be empty. Throws settings_error for what is
// no name.
[[nodiscard]] http::own_names own_host_names(const settings& given, const std::vector<std::string>& urls,
                                             const std::string& advertised = {});

}  // namespace distd
