// How a service of a process is opened: what its server bounds and whom it answers, its sockets, and what is
// said where tokens can be read on the way.
#pragma once

#include <distd/logger.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/settings/options.hpp"
#include "http/access/access_control.hpp"
#include "http/server/server.hpp"
#include "http/server/source_shares.hpp"
#include "sdk/process/listening_place.hpp"

namespace distd {

class service_opening {
public:
    // `config`: outlives it. `memory`: of all servers of the process.
    service_opening(const settings& config, std::shared_ptr<http::access_control>,
                    std::shared_ptr<http::source_shares> memory, logger);

    // Before anything is open, with the places of all services: what a source may have depends on who can
    // come.
    void bound_memory(bool only_loopback_comes) const;
    // `names`: by which hosts requests may call it.
    [[nodiscard]] http::server_setup setup_of(const std::string& service, const listening_place&,
                                              http::own_names names) const;
    // `tls`: null where the place has no socket for it. Throws what says why one cannot be opened.
    void open_sockets(http::server&, const listening_place&,
                      const std::shared_ptr<const http::tls_server>& tls) const;
    // Where tokens can be read on the way. `sends_on`: what comes without TLS is sent on to https.
    void warn_of_clear_tokens(const listening_place&, bool sends_on) const;

    [[nodiscard]] static http::source_shares::bounds bounds_of(const settings& config,
                                                               bool only_loopback_comes);

private:
    const settings& config_;
    std::shared_ptr<http::access_control> admission_;
    std::shared_ptr<http::source_shares> memory_;
    logger log_;
};

}  // namespace distd
