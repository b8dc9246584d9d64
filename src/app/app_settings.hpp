// What the settings of the `distd` binary are, and what they say about the process that is to start.
#pragma once

#include <distd/settings.hpp>
#include <string>
#include <vector>

#include "role/role.hpp"
#include "sdk/process/service_addresses.hpp"

namespace distd::app {

// The role to play, every host setting, every role's own ones.
[[nodiscard]] std::vector<setting> app_settings(const std::vector<role_description>& roles);

// The command that the first argument names, if it names one.
[[nodiscard]] const role_command* command_of(const std::vector<std::string>& arguments,
                                             const std::vector<role_description>& roles);

// How --help starts.
[[nodiscard]] std::string usage(const std::vector<role_description>& roles);

// The roles that --role names, in the order of `roles`, which must outlive the result.
[[nodiscard]] std::vector<const role_description*> roles_to_play(const settings&,
                                                                 const std::vector<role_description>& roles);

[[nodiscard]] std::vector<listener> listeners_of(const std::vector<const role_description*>& chosen,
                                                 const settings&);

}  // namespace distd::app
