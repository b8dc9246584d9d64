// What a service tells its registry of itself beyond the base protocol: words of its author, and of whoever
// starts it.
#pragma once

#include <distd/settings.hpp>
#include <string>
#include <vector>

#include "wire/registration_extras.hpp"

namespace distd {

// Rows for the table of settings.
[[nodiscard]] std::vector<setting> own_extras_rows();

// Null when there is nothing to tell. Throws settings_error for what no registry would take.
[[nodiscard]] extras_ptr own_extras(const settings&, const std::vector<std::string>& tags = {},
                                    const std::string& version = {});

}  // namespace distd
