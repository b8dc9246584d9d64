// Where the services of a process listen and register: what --listen and --advertise mean, and whether it is
// safe. Pure: no look-up, no socket. Throws settings_error, which names the item and says what would be
// right.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/settings/options.hpp"

namespace distd {

// A service of this process by the name that users give it (a role's name), with its default address.
struct listener {
    std::string name;
    std::string default_address;      // HOST:PORT
    bool brings_certificate = false;  // for TLS, besides those of --tls-cert-file
    std::string needs_tls{};          // the setting that does nothing without TLS; empty: there is none
};

// By name: a host and a port, 0 for any free one. `items` are the values of --listen, `origin` says where
// they stand. An item without NAME= speaks for every service, and may bring a port only if it speaks for one;
// an item with NAME= comes before it and takes the host from it when it has none of its own.
[[nodiscard]] std::map<std::string, host_port> resolve_listen(const std::vector<std::string>& items,
                                                              const std::string& origin,
                                                              const std::vector<listener>& listeners);

// By name: where to listen with TLS, as `items` of --tls-listen say. Services about which nothing is said are
// missing. `plain` is where they listen without.
[[nodiscard]] std::map<std::string, host_port> resolve_tls_listen(
    const std::vector<std::string>& items, const std::string& origin, const std::vector<listener>& listeners,
    const std::map<std::string, host_port>& plain);

// By name: the URL to register with. Services about which nothing is said are missing. The same two kinds of
// items.
[[nodiscard]] std::map<std::string, std::string> resolve_advertise(const std::vector<std::string>& items,
                                                                   const std::string& origin,
                                                                   const std::vector<listener>& listeners);

// Refuses to let other machines in without access tokens, unless the user insists.
void check_exposure(const std::string& name, const host_port& where, bool has_access_tokens, bool insecure);

// Refuses the setting `needs_tls` of a service that does not listen with TLS: it would do nothing, and nobody
// would notice.
void check_encryption(const std::string& name, const std::string& needs_tls, bool has_tls);

// True for an address, or a name, that only this machine reaches.
[[nodiscard]] bool is_loopback(const std::string& host);

}  // namespace distd
