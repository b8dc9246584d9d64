// The configuration in JSON, as lists, events and histories show it. Values are strings where they are text,
// else they are in base64 under another name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "role/registry/config/config_store.hpp"
#include "role/registry/config/config_tree.hpp"

namespace distd::registry {

[[nodiscard]] std::string entry_as_json(const config_entry&, bool with_value);
// What an event says of a key that is not there.
[[nodiscard]] std::string absence_as_json(std::string_view key, std::uint64_t index);
[[nodiscard]] std::string list_as_json(const std::vector<const config_entry*>&, bool with_values);
[[nodiscard]] std::string history_as_json(const std::vector<config_history_entry>&);

}  // namespace distd::registry
