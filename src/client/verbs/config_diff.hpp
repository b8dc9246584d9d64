// distd config diff: what a change of a key was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/system/context.hpp"

namespace distd::ops::client {

// From one version to another; without `to` that of now, without `from` the one before. Returns the exit
// code: whether they differ.
[[nodiscard]] task<int> diff_versions(context&, std::string key, std::optional<std::int64_t> from,
                                      std::optional<std::int64_t> to);

}  // namespace distd::ops::client
