// How many bytes this process has allocated and not given back, for tests that hold an amount of memory to
// its bound.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DISTD_SANITIZER_ALLOCATES
#endif
#endif

#ifdef DISTD_SANITIZER_ALLOCATES
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#else
#include <malloc.h>
#endif

namespace distd::test {

inline std::size_t held_memory() {
#ifdef DISTD_SANITIZER_ALLOCATES
    return __sanitizer_get_current_allocated_bytes();
#else
    const auto now = ::mallinfo2();
    return now.uordblks + now.hblkhd;
#endif
}

}  // namespace distd::test
