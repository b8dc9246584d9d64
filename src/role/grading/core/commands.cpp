#include "role/grading/core/commands.hpp"

#include <algorithm>

namespace distd::grading {

bool precondition::admits(std::int64_t current) const noexcept {
    return !versions || std::find(versions->begin(), versions->end(), current) != versions->end();
}

}  // namespace distd::grading
