// Broken invariants stop the process, in release builds too. Operating errors are never asserted.
#pragma once

namespace distd {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}

#define DISTD_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::distd::assertion_failed(#condition, __FILE__, __LINE__))
