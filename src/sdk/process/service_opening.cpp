#include "sdk/process/service_opening.hpp"

#include <utility>

#include "sdk/process/service_addresses.hpp"

namespace distd {

service_opening::service_opening(const settings& config, std::shared_ptr<http::access_control> admission,
                                 std::shared_ptr<http::source_shares> memory, logger log)
    : config_(config), admission_(std::move(admission)), memory_(std::move(memory)), log_(std::move(log)) {}

http::source_shares::bounds service_opening::bounds_of(const settings& config, bool only_loopback_comes) {
    return http::source_shares::bounds::of(static_cast<std::uint64_t>(config.size("max-request-memory")),
                                           static_cast<unsigned>(config.integer("source-share")),
                                           only_loopback_comes);
}

void service_opening::bound_memory(bool only_loopback_comes) const {
    memory_->change_bounds(bounds_of(config_, only_loopback_comes));
}

http::server_setup service_opening::setup_of(const std::string& service, const listening_place& place,
                                             http::own_names names) const {
    http::server_setup setup;
    setup.source = service;
    setup.max_connections = static_cast<std::size_t>(config_.integer("max-connections"));
    setup.head_deadline = config_.duration("header-timeout");
    setup.body_deadline = config_.duration("body-timeout");
    setup.idle_deadline = config_.duration("idle-timeout");
    setup.max_requests = static_cast<std::size_t>(config_.integer("max-requests"));
    setup.source_share = static_cast<unsigned>(config_.integer("source-share"));
    setup.only_loopback_comes = place.is_for_this_machine_only();
    setup.memory = memory_;
    setup.names = std::move(names);
    setup.admission = admission_;
    return setup;
}

// Of an inherited socket only here it is known where it leads.
void service_opening::open_sockets(http::server& server, const listening_place& place,
                                   const std::shared_ptr<const http::tls_server>& tls) const {
    const auto open = [&](const listening_socket& where, std::shared_ptr<const http::tls_server> spoken) {
        if (where.inherited)
            check_exposure(place.label, {where.at.address().to_string(), where.at.port()},
                           admission_->is_required(), config_.on("insecure"));
        open_socket(server, place.label, where, std::move(spoken));
    };
    open(place.plain, nullptr);
    if (place.tls) open(*place.tls, tls);
}

// Whoever sees what passes by has them, and with them all that they open.
void service_opening::warn_of_clear_tokens(const listening_place& place, bool sends_on) const {
    const auto& address = place.plain.at.address();
    if (!admission_->is_required() || address.is_loopback()) return;
    const char* reason =
        "other machines can reach it without TLS, so access tokens can be read on the way; listen with "
        "--tls-listen instead, and with --listen on 127.0.0.1";
    if (place.tls && sends_on)
        reason =
            "other machines can reach it without TLS, too: they are sent on to https, but a token in such a "
            "request was read on the way by then; give clients addresses with https://";
    else if (place.tls)
        reason =
            "other machines can reach it without TLS, too, so access tokens can be read on the way; let "
            "--listen be on 127.0.0.1, or send clients on where the role can (--portal-http=redirect)";
    log_.warn("tokens_in_clear",
              {{"service", place.label}, {"address", address.to_string()}, {"reason", reason}});
}

}  // namespace distd
