#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace distd {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "distd: broken invariant: %s (%s:%d)\n", condition, file, line);
    std::fflush(stderr);
    std::abort();
}

}  // namespace distd
