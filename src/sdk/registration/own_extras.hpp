// Optional fields of a service's registration, beyond the base protocol: set by the program and by the
// --instance-* settings.
#pragma once

#include <distd/settings.hpp>
#include <string>
#include <vector>

#include "wire/registration_extras.hpp"

namespace distd {

// Rows for the table of settings.
[[nodiscard]] std::vector<setting> own_extras_rows();

// Null when none is set. Throws settings_error for what no registry would take.
[[nodiscard]] extras_ptr own_extras(const settings&, const std::vector<std::string>& tags = {},
                                    const std::string& version = {});

}  // namespace distd
