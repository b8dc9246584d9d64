#include "role/portal/gateway/gateway_settings.hpp"

#include "base/settings/options.hpp"
#include "http/message/token.hpp"
#include "role/address_setting.hpp"
#include "role/portal/gateway/upstream_services.hpp"

namespace distd::portal {

std::string key_header_in(const settings& config) {
    constexpr auto setting_name = "portal-gateway-key-header";
    auto header = config.text(setting_name);
    if (!header.empty() && !http::is_token(header))
        throw settings_error(value_place(setting_name, header, config.origin(setting_name)) +
                             ": expected the name of a header field, such as X-Api-Key");
    return header;
}

std::vector<setting> gateway_settings() {
    using enum setting_kind;
    return {
        {.name = "portal-gateway-services",
         .kind = texts,
         .fallback = "",
         .help = "Services that /api/NAME/ leads to, besides those that are registered with the tag gateway",
         .placeholder = "NAME,..."},
        {.name = "portal-gateway-rate",
         .kind = integer,
         .fallback = "0",
         .help = "Requests a second that each client may send through the gateway; 0: any number",
         .max = 1'000'000},
        {.name = "portal-gateway-burst",
         .kind = integer,
         .fallback = "0",
         .help = "Requests that a client may send at once; 0: as many as in a second",
         .max = 1'000'000},
        {.name = "portal-gateway-key-header",
         .fallback = "",
         .help = "The header that tells clients of the gateway apart; without one it is their address",
         .placeholder = "NAME"},
        {.name = proxies_setting,
         .kind = texts,
         .fallback = "",
         .help =
             "Proxies in front whose X-Forwarded-For and Forwarded are believed: addresses, networks such "
             "as 10.1.0.0/16, loopback or private",
         .placeholder = "ADDRESS,..."},
        {.name = gateway_allow_setting,
         .kind = texts,
         .fallback = "",
         .help =
             "Where instances may be that requests are passed on to: loopback, private, any, addresses or "
             "networks; without it loopback, and private too once other machines are involved",
         .placeholder = "ADDRESS,..."},
        {.name = "portal-zone",
         .fallback = "",
         .help = "The zone of this portal: the gateway prefers instances of the same one",
         .placeholder = "NAME"},
        {.name = zone_addresses_setting,
         .kind = texts,
         .fallback = "",
         .help = "Where that zone is: loopback, private, addresses or networks; without it instances are "
                 "believed, as far as they are among equals",
         .placeholder = "ADDRESS,..."},
    };
}

void check_gateway_settings(const settings& config) {
    static_cast<void>(addresses_in(config, proxies_setting));
    static_cast<void>(addresses_in(config, gateway_allow_setting));
    static_cast<void>(addresses_in(config, zone_addresses_setting));
    static_cast<void>(key_header_in(config));
}

}  // namespace distd::portal
