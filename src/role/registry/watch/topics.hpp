// The topics on the watch board that the registry's own state is touched under.
#pragma once

#include <string>
#include <string_view>

namespace distd::registry::topics {

inline constexpr std::string_view anything = "services";
[[nodiscard]] inline std::string of_name(std::string_view name) { return "service/" + std::string(name); }

}  // namespace distd::registry::topics
