// What the answers of a role tell of it, for `distd doctor`: whether it is well, its clock, its stores, its
// version. Pure.
#pragma once

#include <distd/http.hpp>
#include <distd/time.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/verbs/findings_text.hpp"

namespace distd::ops::client {

struct role_answers {
    std::string name;  // as it is registered, or "registry"
    std::string base;  // its address
    http::reply health;
    http::reply metrics;
};

[[nodiscard]] std::vector<finding> findings_of(const role_answers&, wall_point now);

// Empty where the metrics do not say it.
[[nodiscard]] std::string version_in(std::string_view metrics);
// Who has which version; nothing while all have the same.
using names_by_version = std::map<std::string, std::set<std::string>>;
[[nodiscard]] std::optional<finding> finding_of_versions(const names_by_version&);

}  // namespace distd::ops::client
