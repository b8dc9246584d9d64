// What the gateway would say of a value below `gateway/`, by its own code, before it is kept there. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace distd::gateway_routes {

// The value of `gateway/services`: names that are exposed besides those that opt in.
[[nodiscard]] std::optional<std::set<std::string>> read_exposed_names(const std::string& text,
                                                                      std::string& fault);

// A route that the gateway has, as far as others conflict with it.
struct held_place {
    std::string name;
    std::string service;
    std::string host;
    std::string prefix;
};
// Empty: it would be taken. `key` without `gateway/`; `held` may name the route itself, too; `own_host`: the
// portal's, empty where it is not known. Keys that the gateway does not read are nobody's fault.
[[nodiscard]] std::string fault_in_gateway_value(std::string_view key, const std::string& text,
                                                 const std::vector<held_place>& held,
                                                 std::string_view own_host);

}  // namespace distd::gateway_routes
