// The services of a system, out of the instances that the registry lists: in which state each is, why, and in
// which order they are shown. Pure.
#pragma once

#include <distd/time.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/model/facts.hpp"

namespace distd::ops {

// In the order of the rows.
enum class service_state : std::uint8_t { sick, drained, starting, well };
// `held`: lost, but offered by the guard against mass failures.
enum class instance_state : std::uint8_t { lost, held, drained, starting, well, unchecked };

[[nodiscard]] std::string_view to_string(service_state) noexcept;
[[nodiscard]] std::string_view to_string(instance_state) noexcept;
[[nodiscard]] instance_state state_of(const instance&);

struct service_facts {
    std::string name;
    service_state state = service_state::well;
    std::string_view glyph;           // which shape is shown: sick, held, drained, starting, unchecked, well
    std::vector<instance> instances;  // the troubled ones first, then by URL
    std::size_t up = 0;
    std::string reason;  // in words; empty while it is well
    std::vector<std::string> machines;
    std::vector<std::string> versions;
    std::vector<std::string> tags;
    std::optional<wall_point> up_since;  // of the instance that has been up for longest
    std::vector<std::string> required;
    std::vector<std::string> missed_by;  // who requires it, while no instance is offered
    health_bar bar{};
    const traffic* passed = nullptr;  // by the gateway
    std::optional<std::int64_t> errors;
};

struct system_overview {
    std::vector<service_facts> services;
    std::size_t instances = 0;
    std::map<std::string, std::size_t> machines;  // instances on each
    std::map<std::string, std::size_t> tags;      // services with each
    failure_guard guard;
    std::optional<double> requests_per_second;

    [[nodiscard]] std::size_t count(service_state) const noexcept;
    [[nodiscard]] const service_facts* find(std::string_view name) const noexcept;
    // The names of the services that require it.
    [[nodiscard]] std::vector<std::string> required_by(std::string_view name) const;
};

// What an overview is made of. Pointers may be null: not known.
struct overview_input {
    const std::vector<instance>* instances = nullptr;
    const std::vector<missing_service>* missing = nullptr;
    const failure_guard* guard = nullptr;
    const std::vector<event>* events = nullptr;
    const health_bars* history = nullptr;
    const traffic_history* traffic = nullptr;
    const std::map<std::string, std::int64_t>* errors = nullptr;  // by service
    std::string_view own_name{};  // the console's: what only it would like to have is not missing
};

[[nodiscard]] system_overview make_overview(const overview_input&, wall_point now);

// Why an instance is not well: "http://10.0.0.7:8100 lost: connection refused, 1 min". Empty while it is.
[[nodiscard]] std::string reason_of(const instance&, const std::vector<event>* events, wall_point now);
// When it was registered; nothing while it is lost or drained.
[[nodiscard]] std::optional<wall_point> up_since(const instance&);

}  // namespace distd::ops
