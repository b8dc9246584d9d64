#include "sim/stepper.hpp"

#include <utility>

namespace distd::sim::stores {

bool stepper::step() {
    if (asked_.empty()) return false;
    const auto it = asked_.begin() + static_cast<std::ptrdiff_t>(chance_.below(asked_.size()));
    const auto one = std::move(*it);
    asked_.erase(it);
    one();
    return true;
}

}  // namespace distd::sim::stores
