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
#include "role/portal/gateway/exposed_service.hpp"
#include "role/portal/gateway/guarded_places.hpp"
#include "role/portal/gateway/opt_ins.hpp"

namespace distd::portal {

inline constexpr std::string_view exposing_tag = "gateway";
inline constexpr auto gateway_allow_setting = "portal-gateway-allow";

// The fields of the registry's list that the gateway uses.
struct listed_instance {
    std::string name;
    instance_facts facts;
    wire::url_proof proof = wire::url_proof::vouched_for;
    bool is_tagged = false;
    bool is_offered = true;  // neither lost nor drained
};

// nullopt and a sentence in `error` if it is not such a list.
[[nodiscard]] std::optional<std::vector<listed_instance>> parse_listed(std::string_view text,
                                                                       std::string& error);

struct upstream_setup {
    // Exposed by a setting, and required, so that patches have their instances.
    std::vector<std::string> named;
    std::string own_zone;
    // Where it is; nullopt: nobody said, so each instance has the zone that it writes.
    std::optional<http::address_filter> zone_addresses;
    // Permitted addresses; nullopt: loopback, and private networks too once this portal listens beyond
    // loopback or uses a registry on another machine.
    std::optional<http::address_filter> allowed;
};

class upstream_services {
public:
    upstream_services(service&, std::shared_ptr<http::client_core>, upstream_setup);

    // Runs until cancelled: watches the registry's list.
    [[nodiscard]] task<> watch_registry();
    // Runs until cancelled: applies instances from patches.
    [[nodiscard]] task<> watch_patches();
    // Each runs until cancelled.
    [[nodiscard]] task<> look_up_guarded_places() { return guarded_.keep_looked_up(); }
    [[nodiscard]] task<> look_up_closed_places() { return closed_.keep_looked_up(); }

    // Called for each connection to an instance, with its peer address.
    [[nodiscard]] bool may_connect(const boost::asio::ip::tcp::endpoint&) const;

    // Services exposed by the central configuration, in addition to tags and settings.
    void expose(std::set<std::string> names);

    // Null: not exposed, or no instance has that name.
    [[nodiscard]] std::shared_ptr<exposed_service> find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, std::shared_ptr<exposed_service>, std::less<>>& all()
        const noexcept {
        return services_;
    }

    // The one console that is registered at an address of loopback and has confirmed that; empty: there is
    // none, or there are several, of which one may be an impostor.
    [[nodiscard]] const std::string& console_on_this_machine() const noexcept { return console_; }

    // Since when the registry is unavailable, and why; known instances stay in use.
    [[nodiscard]] const std::string& registry_trouble() const noexcept { return trouble_; }
    [[nodiscard]] std::optional<wall_point> away_since() const noexcept { return away_since_; }

private:
    void take_list(std::vector<listed_instance> list, std::string_view data_id);
    void rebuild();
    void collect_opt_ins();
    [[nodiscard]] bool is_exposed(const listed_instance&) const;
    // Where it listens, as far as its name has been looked up.
    [[nodiscard]] http::url resolved(const http::url&) const;
    struct member {
        instance_facts facts;
        wire::url_proof proof = wire::url_proof::vouched_for;
    };
    // By name and URL.
    [[nodiscard]] std::map<std::string, std::map<std::string, member>> members() const;
    [[nodiscard]] std::vector<std::string> urls_to_guard(const std::set<std::string>& exposed) const;
    [[nodiscard]] const http::address_filter& allowed() const;
    // Empty, or why the gateway must not connect to that instance.
    [[nodiscard]] std::string problem_with(const http::url&, wire::url_proof) const;
    [[nodiscard]] std::shared_ptr<exposed_service> find_or_make(const std::string& name);
    // Beyond the bound of a service's instances.
    static void leave_surplus_out(exposed_service&, std::vector<instance_facts>& usable);
    void share_places(exposed_service& s) const;
    void place(instance_facts&, const http::url&) const;
    [[nodiscard]] task<seconds> ask_once();
    [[nodiscard]] std::string list_query() const;
    void note_trouble(std::string why);

    service& service_;
    std::shared_ptr<http::client_core> core_;
    upstream_setup setup_;
    std::string secret_;  // of the balancers
    std::set<std::string> configured_;
    std::vector<listed_instance> listed_;
    std::vector<listed_instance> before_loss_;  // of names not yet known to a registry that lost its data
    std::string console_;
    std::string data_id_;  // the id of the registry's database
    bool registry_is_elsewhere_ = false;
    guarded_places guarded_;
    opt_ins opt_ins_;
    bool opt_ins_are_old_ = true;
    guarded_places
        closed_;  // where a service listens that did not opt in, at a port that is exposed somewhere
    http::local_addresses machine_;  // as of the last list
    std::map<std::string, std::shared_ptr<exposed_service>, std::less<>> services_;
    // No longer exposed, with requests in flight: reused if exposed again.
    std::map<std::string, std::weak_ptr<exposed_service>> leaving_;
    bool asks_for_fields_ = true;  // until a registry does not support `fields=`
    std::size_t registry_ = 0;     // index of the registry in use
    std::uint64_t index_ = 0;
    bool has_list_ = false;
    std::string trouble_;
    std::optional<wall_point> away_since_;
};

}  // namespace distd::portal
