// What a word in the search box means: a service, an instance, a key, a trace or request id, else lines.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/model/page_snapshot.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

// Where exactly one thing is meant: the address to go to.
[[nodiscard]] std::optional<std::string> place_of(std::string_view asked, const page_snapshot&,
                                                  const std::vector<std::string>& keys);
[[nodiscard]] live_page make_find_page(std::string_view asked, const page_snapshot&,
                                       const std::vector<std::string>& keys);

}  // namespace distd::ops::console
