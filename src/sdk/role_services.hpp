// What built-in roles use beyond include/distd: only for them, since it speaks in types that are not public.
// Everything else about a service stays behind `sdk/service_impl.hpp`, which no role includes.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <distd/service.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/announcer.hpp"
#include "base/disk.hpp"
#include "http/access/access_control.hpp"
#include "http/client/resolver.hpp"
#include "http/server/router.hpp"
#include "sdk/certificate_state.hpp"

namespace distd {

namespace http {
class tls_client;
}

// Its routes, to set what `service` has no call for: the error page, the hosts that are answered, those that
// go to the catch-all route, whether requests by pages of other sites are refused.
[[nodiscard]] http::router& routes_of(service&);

// Whether other machines reach it. Known once it listens; false before.
[[nodiscard]] bool listens_beyond_loopback(service&);

// That this process shows, in the order of the settings; none where nobody listens with TLS.
[[nodiscard]] std::vector<certificate_state> certificates_of(service&);

// Is shown beside those of the settings, from the start on. Before it.
void show_certificate(service&, certificate_source);
// The source has another one to show now.
void certificate_changed(service&);

// By which it can be reached: as it registers, and where it listens, with TLS and without.
[[nodiscard]] std::vector<std::string> own_urls_of(service&);

// The registries' base URLs, in the order in which they are asked. Empty before the service is started.
[[nodiscard]] const std::vector<std::string>& registries_of(service&);

// The names of services it depends on.
[[nodiscard]] const std::vector<std::string>& dependencies_of(service&);

// Fires after each patch that changed what `service::providers` returns.
[[nodiscard]] announcer& provider_changes_of(service&);

// Its data folder, for what is better kept but can be done without; empty: another process has it, or the
// disk refuses.
[[nodiscard]] std::string data_folder_of(service&);

// The disk that its data folder is on.
[[nodiscard]] disk& disk_of(service&);

// Resolves host names, for HTTP clients that a role makes itself.
[[nodiscard]] const http::resolver::lookup& lookup_of(service&);

// Authorizes the requests of such clients to other services of the system.
[[nodiscard]] const std::shared_ptr<http::access_control>& credentials_of(service&);

// Where a person reads along on a terminal: to say what has changed, in words. Null: nobody does.
[[nodiscard]] log_sink* reader_of(service&);

// Whom such clients believe that a peer with https:// is who it says.
[[nodiscard]] const std::shared_ptr<const http::tls_client>& trust_of(service&);
// The same for calls of the world outside: who names an authority of his own for the system's processes still
// believes those that everybody does.
[[nodiscard]] const std::shared_ptr<const http::tls_client>& trust_outside_of(service&);

// For a role that is sent no patches: ships its lines, from the start on, to those of the log services that
// `pick` names which take records, at addresses that `may_connect` permits.
void ship_lines(service&, std::function<std::optional<std::string>()> pick,
                std::function<bool(const boost::asio::ip::tcp::endpoint&)> may_connect);
// `pick` may have another answer now.
void log_services_changed(service&);

}  // namespace distd
