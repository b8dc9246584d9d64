// Where the gateway may connect to: at permitted addresses, and there neither to what it guards (registries,
// this process, dependencies of the portal that are not exposed) nor to a service that did not opt in. Judged
// for an instance by its URL, and once more for each connection by its peer address.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <distd/service.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "http/message/address_filter.hpp"
#include "role/portal/gateway/guarded_places.hpp"
#include "role/portal/gateway/opt_ins.hpp"
#include "role/portal/gateway/registry_list.hpp"

namespace distd::portal {

inline constexpr auto gateway_allow_setting = "portal-gateway-allow";

class connect_permissions {
public:
    // `allowed`: permitted addresses; nullopt: loopback, and private networks too once this portal listens
    // beyond loopback or uses a registry on another machine.
    connect_permissions(service&, std::shared_ptr<http::client_core>,
                        std::optional<http::address_filter> allowed);

    // Each runs until cancelled.
    [[nodiscard]] task<> look_up_guarded_places() { return guarded_.keep_looked_up(); }
    [[nodiscard]] task<> look_up_closed_places() { return closed_.keep_looked_up(); }

    using is_exposed_function = std::function<bool(const listed_instance&)>;
    void take_opt_ins(const std::vector<listed_instance>& listed, const is_exposed_function&);
    void guard_own_places(const std::set<std::string>& exposed);

    // Called for each connection to an instance, with its peer address.
    [[nodiscard]] bool may_connect(const boost::asio::ip::tcp::endpoint&) const;
    // Empty, or why the gateway must not connect to that instance.
    [[nodiscard]] std::string problem_with(const http::url&, wire::url_proof) const;
    // Where it listens, as far as its name has been looked up.
    [[nodiscard]] http::url resolved(const http::url&) const;
    [[nodiscard]] const http::local_addresses& machine() const noexcept { return machine_; }

private:
    [[nodiscard]] const http::address_filter& allowed() const;

    service& service_;
    std::shared_ptr<http::client_core> core_;
    const std::optional<http::address_filter> allowed_setting_;
    bool registry_is_elsewhere_ = false;
    guarded_places guarded_;
    opt_ins opt_ins_;
    guarded_places closed_;  // where services listen that did not opt in, at ports that are exposed somewhere
    http::local_addresses machine_;  // as of the last list
};

}  // namespace distd::portal
