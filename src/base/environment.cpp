#include "base/environment.hpp"

#include <cstdlib>

namespace distd {

std::string environment_variable(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value ? value : "";
}

}  // namespace distd
