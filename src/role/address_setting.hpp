// A setting that names addresses and networks.
#pragma once

#include <distd/settings.hpp>
#include <optional>
#include <string>

#include "http/message/address_filter.hpp"

namespace distd {

// Nothing when the setting is empty. Throws settings_error, which says where the value was given and what is
// wrong with it.
[[nodiscard]] std::optional<http::address_filter> addresses_in(const settings& config,
                                                               const std::string& setting_name);

}  // namespace distd
