// The gateway's rows of the portal's settings.
#pragma once

#include <distd/settings.hpp>
#include <string>
#include <vector>

namespace distd::portal {

inline constexpr auto zone_addresses_setting = "portal-zone-addresses";
inline constexpr auto proxies_setting = "portal-gateway-trusted-proxies";

[[nodiscard]] std::vector<setting> gateway_settings();
// Throws settings_error for settings that are invalid in combination.
void check_gateway_settings(const settings&);

// The header field that tells clients apart; empty: none does.
[[nodiscard]] std::string key_header_in(const settings&);

}  // namespace distd::portal
