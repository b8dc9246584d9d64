// The settings that every process of the system has, whatever it serves, and the answers of one that is asked
// for something else than to start. The app and strangers' services add rows.
#pragma once

#include <distd/settings.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/settings/options.hpp"

namespace distd {

[[nodiscard]] std::vector<setting> host_settings();

// What --help, --version or --man-options want printed; nothing when none of them is there. To be asked
// before the arguments are parsed: mistakes in them must not stand in the way of help. `usage` opens the
// help.
[[nodiscard]] std::optional<std::string> early_answer(const settings_parser&,
                                                      const std::vector<std::string>& arguments,
                                                      const std::string& program, const std::string& usage);

}  // namespace distd
