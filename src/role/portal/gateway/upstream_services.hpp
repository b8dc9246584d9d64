// The services that the gateway exposes, and their instances. Who is exposed opted in: by the tag `gateway`
// in its registration, or because the operator named the service. Two sources: the list of our registry,
// watched, with tags, weights, zones and versions; and for services that were named before the start the
// patches that the SDK gets, with a registry of any make. The registries themselves, this process and what
// the portal needs for itself are never exposed by somebody else's registration, whatever name it gives them.
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

namespace distd::portal {

inline constexpr std::string_view exposing_tag = "gateway";
inline constexpr auto gateway_allow_setting = "portal-gateway-allow";

// What the registry lists, as far as the gateway cares.
struct listed_instance {
    std::string name;
    instance_facts facts;
    bool is_tagged = false;
    bool is_offered = true;  // neither lost nor drained
};

// Nothing and a sentence in `error` when that is no list of ours.
[[nodiscard]] std::optional<std::vector<listed_instance>> parse_listed(std::string_view text,
                                                                       std::string& error);

class upstream_services {
public:
    // `named`: exposed by a setting, and required, so that patches tell of their instances. `allowed`: where
    // their addresses may be; nothing: loopback, and private networks too once this portal is reached from
    // other machines or asks a registry on one.
    upstream_services(service& s, std::shared_ptr<http::client_core> core, std::vector<std::string> named,
                      std::string own_zone, std::optional<http::address_filter> allowed);

    // Runs for ever: watches the list of the registry.
    [[nodiscard]] task<> watch_registry();
    // Runs for ever: takes over what patches tell.
    [[nodiscard]] task<> watch_patches();
    // Runs for ever.
    [[nodiscard]] task<> look_up_guarded_places() { return guarded_.keep_looked_up(); }

    // Asked for each connection to an instance, with where it leads to.
    [[nodiscard]] bool may_connect(const boost::asio::ip::tcp::endpoint&) const;

    // Exposed by the central configuration, beside those by tag and setting.
    void expose(std::set<std::string> names);

    // Null: not exposed, or nobody is known under that name.
    [[nodiscard]] std::shared_ptr<exposed_service> find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, std::shared_ptr<exposed_service>, std::less<>>& all()
        const noexcept {
        return services_;
    }

    // Since when the registry is away, and why; what is known stays in use.
    [[nodiscard]] const std::string& registry_trouble() const noexcept { return trouble_; }
    [[nodiscard]] std::optional<wall_point> away_since() const noexcept { return away_since_; }

private:
    void take_list(std::vector<listed_instance> list, std::string_view data_id);
    void rebuild();
    // By name and URL.
    [[nodiscard]] std::map<std::string, std::map<std::string, instance_facts>> members() const;
    [[nodiscard]] std::vector<std::string> urls_to_guard(const std::set<std::string>& exposed) const;
    [[nodiscard]] const http::address_filter& allowed() const;
    // Empty, or why the gateway does not connect to such an instance.
    [[nodiscard]] std::string problem_with(const http::url&) const;
    [[nodiscard]] std::shared_ptr<exposed_service> find_or_make(const std::string& name);
    void share_places(exposed_service& s) const;
    [[nodiscard]] task<seconds> ask_once();
    [[nodiscard]] std::string list_query() const;
    void note_trouble(std::string why);

    service& service_;
    std::shared_ptr<http::client_core> core_;
    std::vector<std::string> named_;
    std::set<std::string> configured_;
    std::string own_zone_;
    std::vector<listed_instance> listed_;
    std::vector<listed_instance> before_loss_;  // of names that a registry without its old data does not know
    std::string data_id_;                       // of the registry's data
    std::optional<http::address_filter> allowed_;
    bool registry_is_elsewhere_ = false;
    guarded_places guarded_;
    std::map<std::string, std::shared_ptr<exposed_service>, std::less<>> services_;
    // Not exposed any more, with requests that are still under way: one that comes back is the same.
    std::map<std::string, std::weak_ptr<exposed_service>> leaving_;
    bool asks_for_fields_ = true;  // until a registry does not know how to choose them
    std::size_t registry_ = 0;     // which one is asked
    std::uint64_t index_ = 0;
    bool has_list_ = false;
    std::string trouble_;
    std::optional<wall_point> away_since_;
};

}  // namespace distd::portal
