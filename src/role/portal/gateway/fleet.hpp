// The services that the gateway exposes, and their instances. Who is exposed opted in: by the tag `gateway`
// in its registration, or because the operator named the service. Two sources: the list of our registry,
// watched, with tags, weights, zones and versions; and for services that were named before the start the
// patches that the SDK gets, with a registry of any make. The registries themselves and this process are
// never exposed.
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

#include "net/call_target.hpp"
#include "net/client_core.hpp"
#include "net/own_machine.hpp"
#include "role/portal/core/gateway_balancer.hpp"

namespace distd::portal {

inline constexpr std::string_view exposing_tag = "gateway";

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

struct exposed_service {
    exposed_service(std::shared_ptr<http::client_core> c, std::string own_zone)
        : core(std::move(c)), balance(std::move(own_zone)) {}

    std::shared_ptr<http::client_core> core;  // where its addresses have their places
    std::string name;
    balancer balance;
    retry_budget retries;
    std::map<std::string, std::shared_ptr<const http::call_target>, std::less<>>
        addresses;                                // by the URL of the instance
    std::map<std::string, std::string> left_out;  // instances by URL that cannot be used, and why

    counter* requests = nullptr;
    counter* tried_again = nullptr;
    counter* ejections = nullptr;
    counter* answered[6] = {};  // by class
    gauge* in_flight = nullptr;
    duration_histogram* duration = nullptr;
};

class fleet {
public:
    // `named`: exposed by a setting, and required, so that patches tell of their instances.
    fleet(service& s, std::shared_ptr<http::client_core> core, std::vector<std::string> named,
          std::string own_zone);

    // Runs for ever: watches the list of the registry.
    [[nodiscard]] task<> watch_registry();
    // Runs for ever: takes over what patches tell.
    [[nodiscard]] task<> watch_patches();

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
    [[nodiscard]] std::set<std::string> own_places(const http::own_machine&) const;
    [[nodiscard]] std::shared_ptr<exposed_service> make(const std::string& name);
    [[nodiscard]] task<seconds> ask_once();
    void note_trouble(std::string why);

    service& service_;
    std::shared_ptr<http::client_core> core_;
    std::vector<std::string> named_;
    std::set<std::string> configured_;
    std::string own_zone_;
    std::vector<listed_instance> listed_;
    std::vector<listed_instance> before_loss_;  // of names that a registry without its old data does not know
    std::string data_id_;                       // of the registry's data
    std::map<std::string, std::shared_ptr<exposed_service>, std::less<>> services_;
    std::size_t registry_ = 0;  // which one is asked
    std::uint64_t index_ = 0;
    bool has_list_ = false;
    std::string trouble_;
    std::optional<wall_point> away_since_;
};

}  // namespace distd::portal
