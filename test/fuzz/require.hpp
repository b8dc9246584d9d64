// What has to hold of each input: a fuzzer that finds one for which it does not ends there, and keeps it.
#pragma once

#include <cstdlib>

namespace distd::test {

inline void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace distd::test
