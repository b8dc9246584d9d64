// distd config edit: a value in the user's own editor.
#pragma once

#include <string>

#include "client/system/context.hpp"

namespace distd::ops::client {

// Returns the exit code.
[[nodiscard]] task<int> edit_value(context&, std::string key);

}  // namespace distd::ops::client
