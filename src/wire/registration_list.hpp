// The registry's list of a service's instances, as `GET /services/NAME` answers it.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

namespace distd::wire {

// The instance with that URL, exactly as it is listed. nullopt: it is not there, or this is no such list.
[[nodiscard]] std::optional<boost::json::object> find_registration(std::string_view list,
                                                                   std::string_view url);

}  // namespace distd::wire
