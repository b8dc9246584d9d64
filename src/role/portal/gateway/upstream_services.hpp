// The services exposed by the gateway, and their instances. A service opts in with the tag `gateway` in its
// registration, or the operator names it; `opt_ins` says what that is worth where others are registered at
// the same address and port. There are two sources: the list of our registry, watched, with tags, weights,
// zones and versions; and, for services named in the settings, the patches that the SDK receives from any
// registry. Registries, this process and dependencies of the portal are never exposed by a third party's
// registration, under whatever name.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "http/message/address_filter.hpp"
#include "role/portal/gateway/connect_permissions.hpp"
#include "role/portal/gateway/exposed_service.hpp"
#include "role/portal/gateway/registry_list.hpp"

namespace distd::portal {

struct upstream_setup {
    // Exposed by a setting, and required, so that patches have their instances.
    std::vector<std::string> named;
    std::string own_zone;
    // Where it is; nullopt: nobody said, so each instance has the zone that it writes.
    std::optional<http::address_filter> zone_addresses;
    // See connect_permissions.
    std::optional<http::address_filter> allowed;
};

class upstream_services {
public:
    upstream_services(service&, std::shared_ptr<http::client_core>, upstream_setup);

    // Runs until cancelled: applies instances from patches.
    [[nodiscard]] task<> watch_patches();
    // The list of the registry, and where connections may lead: the gateway runs their tasks, too.
    [[nodiscard]] registry_list& list() noexcept { return list_; }
    [[nodiscard]] const registry_list& list() const noexcept { return list_; }
    [[nodiscard]] connect_permissions& permissions() noexcept { return permissions_; }

    // Services exposed by the central configuration, in addition to tags and settings.
    void expose(std::set<std::string> names);

    // Null: not exposed, or no instance has that name.
    [[nodiscard]] std::shared_ptr<exposed_service> find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, std::shared_ptr<exposed_service>, std::less<>>& all()
        const noexcept {
        return services_;
    }

private:
    void rebuild();
    [[nodiscard]] bool is_exposed(const listed_instance&) const;
    struct member {
        instance_facts facts;
        wire::url_proof proof = wire::url_proof::vouched_for;
    };
    // By name and URL.
    [[nodiscard]] std::map<std::string, std::map<std::string, member>> members() const;
    [[nodiscard]] std::shared_ptr<exposed_service> find_or_make(const std::string& name);
    // Beyond the bound of a service's instances.
    static void leave_surplus_out(exposed_service&, std::vector<instance_facts>& usable);
    void share_places(exposed_service& s) const;
    void place(instance_facts&, const http::url&) const;

    service& service_;
    std::shared_ptr<http::client_core> core_;
    upstream_setup setup_;
    std::string secret_;  // of the balancers
    std::set<std::string> configured_;
    bool opt_ins_are_old_ = true;
    registry_list list_;
    connect_permissions permissions_;
    std::map<std::string, std::shared_ptr<exposed_service>, std::less<>> services_;
    // No longer exposed, with requests in flight: reused if exposed again.
    std::map<std::string, std::weak_ptr<exposed_service>> leaving_;
};

}  // namespace distd::portal
