// A variable of this process' environment, for programs that a person starts; services have settings.
#pragma once

#include <string>

namespace distd {

[[nodiscard]] std::string environment_variable(const std::string& name);  // "": not set

}  // namespace distd
